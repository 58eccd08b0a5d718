import type { ServerResponse } from 'node:http';
import { ProblemError } from '@orderstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { continuedOnRead } from './expect-continue.js';
import { paced, type UploadPace } from './paced-body.js';

export interface IntakeLimits extends UploadPace {
  /** bytes as they are sent */
  readonly maxBodyBytes: number;
}

/** `gone` aborts when the connection closes before the answer, and after it, when nobody listens any more. */
export type BodyWork<T> = (body: AsyncIterable<Buffer>, gone: AbortSignal) => Promise<T>;

/**
 * The one way in which rows come in by a body. Its sender is told to go on when it is first read, so that whatever refuses
 * the request before that is answered first, and has to keep the least rate from then on.
 */
export class BodyIntake {
  constructor(private readonly limits: IntakeLimits) {}

  /**
   * The work on the body of a request, which is never destroyed. Throws `body_too_large` before it begins; reading the
   * body throws `upload_too_slow`, and what the connection throws.
   */
  async take<T>(request: FastifyRequest, reply: FastifyReply, work: BodyWork<T>): Promise<T> {
    this.refuseTooLarge(Number(request.headers['content-length'] ?? 0));
    const chunks = paced(request.raw.iterator({ destroyOnReturn: false }), this.limits);
    return work(continuedOnRead(chunks, request.raw, reply.raw), goneOf(reply.raw));
  }

  /** By what the request says of itself: the body need not be read for it. */
  private refuseTooLarge(contentLength: number): void {
    const { maxBodyBytes } = this.limits;
    if (contentLength <= maxBodyBytes) return;
    const detail = `The body has ${contentLength} bytes; MAX_BODY_BYTES is ${maxBodyBytes}. Send it in parts.`;
    throw new ProblemError('body_too_large', detail);
  }
}

function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new ProblemError('bad_request', 'the sender has closed the connection')));
  return gone.signal;
}
