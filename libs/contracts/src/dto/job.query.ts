import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { JOB_STATES, type JobState } from '../job.js';
import { ListQuery } from './list.query.js';
import { IsTime } from './time.validator.js';

/** `GET /jobs`: newest first, of all jobs or of those that fit. */
export class JobQuery extends ListQuery {
  @ApiPropertyOptional({ enum: JOB_STATES })
  @IsOptional()
  @IsIn(JOB_STATES)
  state?: JobState;

  @ApiPropertyOptional({ description: 'Name of a stream.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  stream?: string;

  @ApiPropertyOptional({ description: 'Idempotency-Key of an upload; of a multipart upload, one job per file.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  key?: string;

  @ApiPropertyOptional({ description: 'Jobs made at this time or later, ISO 8601.' })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Jobs made before this time, ISO 8601.' })
  @IsOptional()
  @IsTime()
  to?: string;
}
