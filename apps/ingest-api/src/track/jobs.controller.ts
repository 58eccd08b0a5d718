import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JobView, Page } from '@orderstream/contracts';
import { ListQuery } from '@orderstream/contracts/dto';
import { JobReader } from './job-reader.js';
import { cursorOf } from './list-cursor.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(private readonly reader: JobReader) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Uploads and runs, newest first.' })
  list(@Query() query: ListQuery): Promise<Page<JobView>> {
    return this.reader.page({ limit: query.limit, after: cursorOf(query) });
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How many rows of a job were received, accepted, published, stored and rejected.' })
  find(@Param('id') id: string): Promise<JobView> {
    return this.reader.view(id.toLowerCase());
  }
}
