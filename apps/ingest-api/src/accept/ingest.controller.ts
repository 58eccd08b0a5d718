import { Controller, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemError } from '@orderstream/contracts';
import { IngestQuery } from '@orderstream/contracts/dto';
import { METRICS, type Metrics } from '@orderstream/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { INGEST_CONFIG, type IngestConfig } from '../config.js';
import { continuedOnRead } from './expect-continue.js';
import { IngestService } from './ingest.service.js';
import { paced } from './paced-body.js';

@ApiTags('ingest')
@Controller('ingest')
export class IngestController {
  private open = 0;

  constructor(
    private readonly service: IngestService,
    @Inject(INGEST_CONFIG) private readonly config: IngestConfig,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Rows as CSV, NDJSON or JSON, one file or several; a single JSON object is one record.' })
  @ApiConsumes('text/csv', 'application/x-ndjson', 'application/json', 'multipart/form-data')
  async ingest(
    @Query() query: IngestQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    if (this.open >= this.config.maxUploads) throw tooMany(this.config.maxUploads);
    this.metrics.gauges.uploadsOpen.set(++this.open);
    try {
      return await this.receive(query, request, reply);
    } finally {
      this.metrics.gauges.uploadsOpen.set(--this.open);
    }
  }

  private async receive(query: IngestQuery, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { raw, headers } = request;
    this.refuseTooLarge(Number(headers['content-length'] ?? 0));
    const chunks = paced(raw.iterator({ destroyOnReturn: false }), this.config);
    const answer = await this.service.receive({
      body: continuedOnRead(chunks, raw, reply.raw),
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
      key: headers['idempotency-key'] as string | undefined,
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

const tooMany = (max: number): ProblemError =>
  new ProblemError('too_many_requests', `${max} uploads are being received already; MAX_UPLOADS sets the number`, {
    retryAfterSeconds: 2,
  });
