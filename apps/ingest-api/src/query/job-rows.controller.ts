import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiGoneResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { JobRowParams } from '@orderstream/contracts/dto';
import { JobRows, type JobRow, type RefusedRow } from './job-rows.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobRowsController {
  constructor(private readonly rows: JobRows) {}

  @Get(':id/rows/:line')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One row of a job as it lies on its topic, and what became of it.' })
  @ApiOkResponse({
    description:
      'Its place, key, record, write time and outcome: pending, stored, rejected, or unknown once the dead letters of a job with refused rows have expired. Of a row rejected at the door: stage, code, column, reason and the row as it came.',
  })
  @ApiNotFoundResponse({ description: 'No such job, or it has no such row.' })
  @ApiGoneResponse({ description: '`expired`: the topic has deleted the record.' })
  find(@Param() { id, line }: JobRowParams): Promise<JobRow | RefusedRow> {
    return this.rows.find(id.toLowerCase(), line);
  }
}
