import { Controller, Get, Header, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { JobView } from '@orderstream/contracts';
import { RepairQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { discardRest } from '../accept/discard-rest.js';
import { Rejects } from './rejects.service.js';

@ApiTags('jobs')
@Controller('jobs')
export class RejectsController {
  constructor(private readonly rejects: Rejects) {}

  @Get(':id/rejects.csv')
  @Header('cache-control', 'no-store')
  @ApiProduces('text/csv')
  @ApiOperation({ summary: 'The rows that are rejected, with line and reason: to be corrected and sent to `repair`.' })
  async csv(@Param('id') id: string): Promise<StreamableFile> {
    const jobId = id.toLowerCase();
    const disposition = `attachment; filename="rejects-${jobId}.csv"`;
    return new StreamableFile(await this.rejects.csv(jobId), { type: 'text/csv; charset=utf-8', disposition });
  }

  @Post(':id/repair')
  @ApiConsumes('text/csv')
  @ApiOperation({ summary: 'Corrected rows of `rejects.csv` come back, each in its old place.' })
  async repair(
    @Param('id') id: string,
    @Query() query: RepairQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const { raw, headers } = request;
    discardRest(raw, reply.raw);
    const answer = await this.rejects.take({
      id: id.toLowerCase(),
      body: raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
    });
    void reply.status(answer.status);
    return answer.body;
  }
}
