import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { IsTime } from './time.validator.js';

const OFFSET = { pattern: /^\d{1,18}$/, message: 'an offset is a whole number of at most 18 digits' } as const;

/** `POST /streams/:name/reconcile`. Without a window: all that the topic still has. */
export class ReconcileQuery {
  @ApiPropertyOptional({ description: 'Records of this Kafka time or later, ISO 8601; in every partition.' })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Records before the first one of this Kafka time or later, ISO 8601.' })
  @IsOptional()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({ type: Number, description: 'One partition; not together with from and to.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => Number(value))
  @IsInt()
  @Min(0)
  @Max(999_999_999)
  partition?: number;

  @ApiPropertyOptional({ type: String, description: 'First offset of the partition.', example: '120' })
  @IsOptional()
  @Matches(OFFSET.pattern, { message: OFFSET.message })
  fromOffset?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'The offset before which the window ends. It ends at the latest where the sink is.',
    example: '5120',
  })
  @IsOptional()
  @Matches(OFFSET.pattern, { message: OFFSET.message })
  toOffset?: string;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Write what is missing or stale with the write time of its own record, and read it back.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  repair: 'true' | 'false' = 'false';

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description:
      'With repair=true: publish what is still wrong again, with a new write time that wins over what a hand has written or deleted.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  overrule: 'true' | 'false' = 'false';
}
