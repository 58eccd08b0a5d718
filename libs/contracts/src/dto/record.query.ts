import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

/** `GET /streams/:name/records/:key`. */
export class RecordQuery {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Add file, line, job, topic, partition, offset and write time of whoever wrote the record last.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  lineage: 'true' | 'false' = 'false';
}
