import { Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IngestQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { discardRest } from './discard-rest.js';
import { IngestService } from './ingest.service.js';

@ApiTags('ingest')
@Controller('ingest')
export class IngestController {
  constructor(private readonly service: IngestService) {}

  @Post()
  @ApiOperation({ summary: 'Rows as CSV, NDJSON or JSON, one file or several; a single JSON object is one record.' })
  @ApiConsumes('text/csv', 'application/x-ndjson', 'application/json', 'multipart/form-data')
  async ingest(
    @Query() query: IngestQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { raw, headers } = request;
    discardRest(raw, reply.raw);
    const answer = await this.service.receive({
      body: raw.iterator({ destroyOnReturn: false }),
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
    });
    if (answer.location) void reply.header('location', answer.location);
    void reply.status(answer.status);
    return answer.body;
  }
}
