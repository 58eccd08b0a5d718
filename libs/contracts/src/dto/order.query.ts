import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { IsDuration } from './duration.validator.js';

/** `GET /orders/:id`: read your write, and where the order came from. */
export class OrderQuery {
  @ApiPropertyOptional({
    type: String,
    description: 'Receipt of the record, as its POST answered: 202 until the sink has passed it.',
    example: 'orders:0:123',
  })
  @IsOptional()
  @Matches(/^[\w.-]{1,249}:\d{1,9}:\d{1,18}$/, { message: 'receipt is topic:partition:offset, like orders:0:123' })
  receipt?: string;

  @ApiPropertyOptional({ enum: ['stored'], description: 'Wait for the record of the receipt to be stored.' })
  @IsOptional()
  @IsIn(['stored'])
  wait?: 'stored';

  @ApiPropertyOptional({ type: String, default: '2s', description: 'Longest wait for `stored`; at most 60s.' })
  @IsOptional()
  @IsDuration({ minMs: 0, maxMs: 60_000 })
  timeout = '2s';

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Add file, line, job, topic, partition, offset and write time of whoever wrote the order last.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  lineage: 'true' | 'false' = 'false';
}
