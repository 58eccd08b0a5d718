import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { parseJobCursor } from '@orderstream/cassandra';
import { ProblemError, type JobView, type Page } from '@orderstream/contracts';
import { ListQuery } from '@orderstream/contracts/dto';
import { JobReader } from './job-reader.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(private readonly reader: JobReader) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Uploads and runs, newest first.' })
  list(@Query() query: ListQuery): Promise<Page<JobView>> {
    const after = query.cursor === undefined ? undefined : parseJobCursor(query.cursor);
    if (query.cursor !== undefined && !after) {
      throw new ProblemError(
        'bad_parameter',
        'cursor is not a `next` of this list; leave it out to begin at the newest',
      );
    }
    return this.reader.page({ limit: query.limit, after });
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How many rows of a job were received, accepted, published, stored and rejected.' })
  find(@Param('id') id: string): Promise<JobView> {
    return this.reader.view(id.toLowerCase());
  }
}
