import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page, WorkerView } from '@orderstream/contracts';
import { Workers } from './workers.js';

@ApiTags('operate')
@Controller('workers')
export class WorkersController {
  constructor(private readonly workers: Workers) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The sinks that are alive: assignment, rates, latency, stopped partitions.' })
  async list(): Promise<Page<WorkerView>> {
    return { items: await this.workers.list(), next: null };
  }
}
