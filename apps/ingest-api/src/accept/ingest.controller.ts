import type { ServerResponse } from 'node:http';
import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemError } from '@orderstream/contracts';
import { IngestQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { INGEST_CONFIG, type IngestConfig } from '../config.js';
import { continuedOnRead } from './expect-continue.js';
import { IngestService } from './ingest.service.js';
import { paced } from './paced-body.js';

@ApiTags('ingest')
@Controller('ingest')
export class IngestController {
  constructor(
    private readonly service: IngestService,
    @Inject(INGEST_CONFIG) private readonly config: IngestConfig,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Rows as CSV, NDJSON or JSON, one file or several; a single JSON object is one record.' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Makes it safe to send rows again: the same body under the same key, within 24 h, is answered with the same job, ' +
      'and one that broke off goes on. Several files have a job each under it, and `Idempotent-Replayed` says that all ' +
      'jobs of the answer were there before. A single JSON object makes no job and is refused with a key ' +
      '(`idempotency_key_not_supported`); an array of one object is taken.',
  })
  @ApiConsumes('text/csv', 'application/x-ndjson', 'application/json', 'multipart/form-data')
  async ingest(
    @Query() query: IngestQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { raw, headers } = request;
    this.refuseTooLarge(Number(headers['content-length'] ?? 0));
    const chunks = paced(raw.iterator({ destroyOnReturn: false }), this.config);
    const answer = await this.service.receive({
      body: continuedOnRead(chunks, raw, reply.raw),
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
      key: headers['idempotency-key'] as string | undefined,
      gone: goneOf(reply.raw),
    });
    if (answer.location) void reply.header('location', answer.location);
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    void reply.status(answer.status);
    return answer.body;
  }

  /** By what the request says of itself: the body need not be read for it. */
  private refuseTooLarge(contentLength: number): void {
    const { maxBodyBytes } = this.config;
    if (contentLength <= maxBodyBytes) return;
    const detail = `The body has ${contentLength} bytes; MAX_BODY_BYTES is ${maxBodyBytes}. Send it in parts.`;
    throw new ProblemError('body_too_large', detail);
  }
}

/** Aborted when the connection closes before the answer, and after it, when nobody listens any more. */
function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new ProblemError('bad_request', 'the sender has closed the connection')));
  return gone.signal;
}
