import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, Min } from 'class-validator';

/** `POST /streams/:name/partitions/:partition/retry` and `…/skip`. */
export class PartitionParams {
  @ApiProperty({ type: String, example: 'orders' })
  @IsString()
  name!: string;

  @ApiProperty({ type: Number, minimum: 0, maximum: 2_147_483_647 })
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: 'partition is a whole number' })
  @Min(0)
  @Max(2_147_483_647)
  partition!: number;
}
