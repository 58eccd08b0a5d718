import { Controller, Get, Header, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { JobReject, JobView, Page } from '@orderstream/contracts';
import { ListQuery, RepairQuery } from '@orderstream/contracts/dto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyIntake } from '../accept/body-intake.js';
import { RejectList } from './reject-list.js';
import { Rejects } from './rejects.service.js';

@ApiTags('jobs')
@Controller('jobs')
export class RejectsController {
  constructor(
    private readonly rejects: Rejects,
    private readonly rejectList: RejectList,
    private readonly intake: BodyIntake,
  ) {}

  @Get(':id/rejects')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The rows that are rejected, at the door or in the sink, in the order of the file.' })
  @ApiOkResponse({ description: 'A page of line, column, code, value (cut for display), reason and stage.' })
  @ApiNotFoundResponse({ description: 'No such job.' })
  list(@Param('id') id: string, @Query() query: ListQuery): Promise<Page<JobReject>> {
    return this.rejectList.page(id.toLowerCase(), query);
  }

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
  @ApiOperation({
    summary: 'Corrected rows of `rejects.csv` come back, each in its old place.',
    description:
      'Rows with stage `door` are read with the options of their upload (timeZone, timestampFormat, decimalComma, ' +
      'nullValues, blank, unescape), the others in the standard forms, as `rejects.csv` has them. Where a JSON upload said ' +
      '`blank=clear`, the cell `null` clears a column and an empty one leaves it alone.',
  })
  @ApiConflictResponse({ description: '`job_not_settled`, or `job_running`: another repair works on the job.' })
  async repair(
    @Param('id') id: string,
    @Query() query: RepairQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const { headers } = request;
    const about = {
      id: id.toLowerCase(),
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      query,
    };
    const answer = await this.intake.take(request, reply, (body, gone) => this.rejects.take({ ...about, body, gone }));
    void reply.status(answer.status);
    return answer.body;
  }
}
