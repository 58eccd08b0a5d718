import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { ListQuery } from './list.query.js';
import { IsTime } from './time.validator.js';

export const LETTER_STATES = ['open', 'redriven', 'closed', 'parked', 'discarded', 'repaired'] as const;

/** `GET /dead-letters`: letters by cause; with `group` or `job` the single ones. */
export class DeadLetterQuery extends ListQuery {
  @ApiPropertyOptional({ description: 'Fingerprint of a group: its single letters.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  group?: string;

  @ApiPropertyOptional({ description: 'Id of a job: its single letters.' })
  @IsOptional()
  @Matches(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { message: 'job is the id of a job, a UUID' })
  job?: string;

  @ApiPropertyOptional({
    enum: LETTER_STATES,
    description: 'Only letters in this state. Groups are of open letters unless it is given, single letters of all.',
  })
  @IsOptional()
  @IsIn(LETTER_STATES)
  state?: (typeof LETTER_STATES)[number];

  @ApiPropertyOptional({ description: 'Letters first seen at this time or later, ISO 8601.' })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Letters first seen before this time, ISO 8601.' })
  @IsOptional()
  @IsTime()
  to?: string;
}
