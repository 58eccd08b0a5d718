import { Controller, Delete, Get, Header, Headers, HttpStatus, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { JobView, Page } from '@orderstream/contracts';
import { JobQuery } from '@orderstream/contracts/dto';
import type { FastifyReply } from 'fastify';
import { goneOf, sendEvents } from '../events/server-events.js';
import { isDone, jobEvents, revisionOf } from './job-events.js';
import { JobReader } from './job-reader.js';
import { JobSearch } from './job-search.js';
import { JobStopper } from './job-stopper.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly reader: JobReader,
    private readonly search: JobSearch,
    private readonly stopper: JobStopper,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Uploads, runs and redrives, newest first.' })
  list(@Query() query: JobQuery): Promise<Page<JobView>> {
    return this.search.page(query);
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How many rows of a job were received, accepted, published, stored and rejected.' })
  find(@Param('id') id: string): Promise<JobView> {
    return this.reader.view(id.toLowerCase());
  }

  @Get(':id/events')
  @ApiProduces('text/event-stream')
  @ApiOperation({ summary: 'The job as server-sent events, until it is settled.' })
  async events(
    @Param('id') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = await this.reader.view(id.toLowerCase());
    if (isDone(view) && lastEventId === revisionOf(view)) {
      await reply.status(HttpStatus.NO_CONTENT).send(); // the browser stops asking
      return;
    }
    await sendEvents(reply, jobEvents(this.reader, view, goneOf(reply)));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Cancel a job that is being received. What it published is stored all the same.' })
  cancel(@Param('id') id: string): Promise<JobView> {
    return this.stopper.stop(id.toLowerCase());
  }
}
