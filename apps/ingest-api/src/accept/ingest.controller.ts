import { Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
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
    const answer = await this.intake.take(request, reply, (body) => this.service.receive({ ...about, body }));
    if (answer.location) void reply.header('location', answer.location);
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    void reply.status(answer.status);
    return answer.body;
  }
}
