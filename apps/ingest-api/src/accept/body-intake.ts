import { ProblemError } from '@orderstream/contracts';
import type { Metrics } from '@orderstream/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { continuedOnRead } from './expect-continue.js';
import { paced, type UploadPace } from './paced-body.js';

export interface IntakeLimits extends UploadPace {
  /** bodies received at once, of all routes together */
  readonly maxUploads: number;
  /** bytes as they are sent */
  readonly maxBodyBytes: number;
}

/**
 * The one way in which rows come in by a body. Its sender is told to go on when it is first read, so that whatever refuses
 * the request before that is answered first, and has to keep the least rate from then on.
 */
export class BodyIntake {
  private open = 0;

  constructor(
    private readonly limits: IntakeLimits,
    private readonly metrics: Pick<Metrics, 'gauges'>,
  ) {}

  /**
   * The work on the body of a request, which is never destroyed. Throws `too_many_requests` and `body_too_large` before it
   * begins; reading the body throws `upload_too_slow`, and what the connection throws.
   */
  async take<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (body: AsyncIterable<Buffer>) => Promise<T>,
  ): Promise<T> {
    const { maxUploads } = this.limits;
    if (this.open >= maxUploads) throw tooMany(maxUploads);
    this.metrics.gauges.uploadsOpen.set(++this.open);
    try {
      this.refuseTooLarge(Number(request.headers['content-length'] ?? 0));
      const chunks = paced(request.raw.iterator({ destroyOnReturn: false }), this.limits);
      return await work(continuedOnRead(chunks, request.raw, reply.raw));
    } finally {
      this.metrics.gauges.uploadsOpen.set(--this.open);
    }
  }

  /** By what the request says of itself: the body need not be read for it. */
  private refuseTooLarge(contentLength: number): void {
    const { maxBodyBytes } = this.limits;
    if (contentLength <= maxBodyBytes) return;
    const detail = `The body has ${contentLength} bytes; MAX_BODY_BYTES is ${maxBodyBytes}. Send it in parts.`;
    throw new ProblemError('body_too_large', detail);
  }
}

const tooMany = (max: number): ProblemError =>
  new ProblemError('too_many_requests', `${max} uploads are being received already; MAX_UPLOADS sets the number`, {
    retryAfterSeconds: 2,
  });
