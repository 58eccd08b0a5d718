import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsISO8601, IsNumber, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { IsDuration } from './duration.validator.js';

const toNumber = ({ value }: { value: unknown }) =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : value;

/** `GET|POST /generate`: a run of fake records at a rate. */
export class GenerateQuery {
  @ApiProperty({ description: 'Records per second.', minimum: 0.1, maximum: 50_000, example: 50 })
  @Transform(toNumber)
  @IsNumber(
    { allowNaN: false, allowInfinity: false },
    { message: 'rate is a number of records per second, like rate=50' },
  )
  @Min(0.1)
  @Max(50_000)
  rate!: number;

  @ApiPropertyOptional({ default: '60s', description: 'How long; `forever` by POST only.' })
  @IsOptional()
  @ValidateIf((query: GenerateQuery) => query.duration !== 'forever')
  @IsDuration({ minMs: 100, maxMs: 86_400_000 })
  duration?: string;

  @ApiPropertyOptional({ description: 'Exact number of records, instead of rate × duration.' })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(2_000_000_000)
  count?: number;

  @ApiPropertyOptional({ type: String, default: 'orders', description: 'Stream of the records.' })
  @IsOptional()
  @IsString()
  stream = 'orders';

  @ApiPropertyOptional({ description: 'The same seed, start time, rate and stream make the same records.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  seed?: string;

  @ApiPropertyOptional({ description: 'Time of record 0, ISO 8601; now unless given.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  startTime?: string;
}
