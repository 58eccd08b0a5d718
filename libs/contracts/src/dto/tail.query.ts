import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** `GET /streams/:name/tail`. */
export class TailQuery {
  @ApiPropertyOptional({ type: Number, minimum: 0, description: 'Only records of this partition.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: 'partition is a whole number' })
  @Min(0)
  @Max(2_147_483_647)
  partition?: number;
}
