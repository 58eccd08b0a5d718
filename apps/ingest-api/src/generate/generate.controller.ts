import { Controller, Delete, Get, Header, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { parseJobCursor } from '@orderstream/cassandra';
import { ProblemError, type JobView, type Page } from '@orderstream/contracts';
import { GenerateQuery, ListQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { JobReader } from '../track/job-reader.js';
import { Runs, type RunView } from './runs.js';

@ApiTags('generate')
@Controller('generate')
export class GenerateController {
  constructor(
    private readonly runs: Runs,
    private readonly reader: JobReader,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Start a run of fake records; the same address while it runs answers that run.' })
  startByGet(@Query() query: GenerateQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<RunView> {
    if (query.duration === 'forever') {
      throw new ProblemError(
        'bad_parameter',
        'duration=forever is taken by POST only, for a GET may be sent by a link',
      );
    }
    return this.start(query, reply);
  }

  @Post()
  @ApiOperation({ summary: 'Start a run of fake records.' })
  startByPost(@Query() query: GenerateQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<RunView> {
    return this.start(query, reply);
  }

  @Get('runs')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Runs, newest first.' })
  list(@Query() query: ListQuery): Promise<Page<JobView>> {
    const after = query.cursor === undefined ? undefined : parseJobCursor(query.cursor);
    return this.reader.page({ limit: query.limit, after, matches: (job) => job.kind === 'run' });
  }

  @Get('runs/:id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One run.' })
  find(@Param('id') id: string): Promise<RunView> {
    return this.runs.view(id);
  }

  @Delete('runs/:id')
  @ApiOperation({ summary: 'Stop a run. What it published is stored.' })
  stop(@Param('id') id: string): Promise<RunView> {
    return this.runs.stop(id);
  }

  private async start(query: GenerateQuery, reply: FastifyReply): Promise<RunView> {
    const { isNew, view } = await this.runs.start(query);
    void reply.status(isNew ? HttpStatus.ACCEPTED : HttpStatus.OK).header('location', `/generate/runs/${view.id}`);
    return view;
  }
}
