import { Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IngestQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyIntake } from './body-intake.js';
import { IngestService } from './ingest.service.js';

@ApiTags('ingest')
@Controller('ingest')
export class IngestController {
  constructor(
    private readonly service: IngestService,
    private readonly intake: BodyIntake,
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
    const { headers } = request;
    const about = {
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
      key: headers['idempotency-key'] as string | undefined,
    };
    const answer = await this.intake.take(request, reply, (body, gone) =>
      this.service.receive({ ...about, body, gone }),
    );
    if (answer.location) void reply.header('location', answer.location);
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    void reply.status(answer.status);
    return answer.body;
  }
}
