import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, Matches } from 'class-validator';
import { STATS_KINDS, type StatsKind } from '../statistics.js';
import { ListQuery } from './list.query.js';

/** `GET /streams/:name/stats`. */
export class StatsQuery extends ListQuery {
  @ApiProperty({
    description:
      '`partition`, `category`, `hour`, `weekday`, or the field of the accounts; a wrong one is told which there are.',
    example: 'partition',
  })
  @Matches(/^[a-z][a-z0-9_]{0,99}$/, {
    message: 'by is partition, category, hour, weekday or the field of the accounts',
  })
  by!: string;

  @ApiPropertyOptional({
    enum: STATS_KINDS,
    default: 'live',
    description: '`live`: records applied. `exact`: rows of the table, as of the last recount.',
  })
  @IsOptional()
  @IsIn(STATS_KINDS)
  kind: StatsKind = 'live';

  @ApiPropertyOptional({
    description: 'Events of this time or later, ISO 8601: a whole hour, or a whole UTC day for accounts.',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  from?: string;

  @ApiPropertyOptional({ description: 'Events before this time; with `from`, and at most 366 days after it.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  to?: string;
}
