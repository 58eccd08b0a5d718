import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { PROBLEMS, ProblemError, problemType, type Problem, type ProblemCode } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Every error answer of the API, the framework's own ones too, is an RFC 9457 problem with a stable code. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (isHealthReport(exception)) {
      void reply.status(exception.getStatus()).send(exception.getResponse());
      return;
    }
    const error = toProblemError(exception, request);
    if (error.status >= 500)
      this.log.error({ error: error.extra.cause ?? exception, url: request.url }, `${error.code}: ${error.detail}`);
    if (error.extra.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(error.extra.retryAfterSeconds));
    void reply
      .status(error.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(problemOf(error, request));
  }
}

function problemOf(error: ProblemError, request: FastifyRequest): Problem {
  return {
    type: problemType(error.code),
    title: PROBLEMS[error.code].title,
    status: error.status,
    code: error.code,
    detail: error.detail,
    instance: request.url.split('?')[0]!,
    ...(error.extra.errors && { errors: error.extra.errors }),
    ...(error.extra.job !== undefined && { job: error.extra.job }),
  };
}

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  411: 'length_required',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  417: 'expectation_failed',
  429: 'too_many_requests',
};

function toProblemError(exception: unknown, request: FastifyRequest): ProblemError {
  if (exception instanceof ProblemError) return exception;
  const status = statusOf(exception);
  const code = CODE_BY_STATUS[status];
  if (code === 'not_found')
    return new ProblemError(code, `nothing answers ${request.method} ${request.url.split('?')[0]}; see /docs`);
  if (code) return new ProblemError(code, (exception as Error).message);
  return new ProblemError('internal_error', 'the cause is in the log of the API', { cause: exception });
}

function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  const status = (exception as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : 500;
}

/** Terminus answers a failed check with an exception that carries its report; the report is the answer. */
function isHealthReport(exception: unknown): exception is HttpException {
  if (!(exception instanceof HttpException)) return false;
  const body = exception.getResponse();
  return typeof body === 'object' && 'details' in body && 'status' in body;
}
