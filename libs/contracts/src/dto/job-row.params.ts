import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, Min } from 'class-validator';

/** `GET /jobs/:id/rows/:line`. */
export class JobRowParams {
  @ApiProperty({ type: String, format: 'uuid' })
  @IsString()
  id!: string;

  @ApiProperty({
    type: Number,
    minimum: 0,
    maximum: 2_147_483_647,
    description: 'Physical line in a file (the header is line 1), index in JSON or in a run (the first is 0).',
  })
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: 'line is a whole number' })
  @Min(0)
  @Max(2_147_483_647)
  line!: number;
}
