import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { IsDuration } from './duration.validator.js';
import { IsRate } from './rate.validator.js';
import { IsTime } from './time.validator.js';

const toNumber = ({ value }: { value: unknown }) =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : value;

/** `GET|POST /generate`: a run of fake records at a rate. */
export class GenerateQuery {
  @ApiProperty({
    type: String,
    description: 'Records per second, 0.1 to 50000; `50..500` goes from one to the other over the duration.',
    example: '50',
  })
  @IsRate({ min: 0.1, max: 50_000 })
  rate!: string;

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

  @ApiPropertyOptional({ description: 'The same seed, start time, stream and other options make the same records.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  seed?: string;

  @ApiPropertyOptional({ description: 'Time of record 0, ISO 8601; now unless given.' })
  @IsOptional()
  @IsTime()
  startTime?: string;

  @ApiPropertyOptional({
    type: Number,
    description:
      'Distinct keys the records use: categories of orders (1 to 9), customers of olist-orders, accounts of transactions, devices of readings. As many as there are unless given; refused where every record has a key of its own (users).',
  })
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  keys?: number;

  @ApiPropertyOptional({
    type: Number,
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the records that update an earlier one of the run, like 0.05; by seed.',
  })
  @IsOptional()
  @Transform(toNumber)
  @IsNumber({ allowNaN: false, allowInfinity: false, maxDecimalPlaces: 6 })
  @Min(0)
  @Max(0.9)
  updates = 0;

  @ApiPropertyOptional({
    type: Number,
    default: 0,
    minimum: 0,
    maximum: 0.5,
    description: 'Share of the records that are made to be refused by the sink, like 0.001; by seed.',
  })
  @IsOptional()
  @Transform(toNumber)
  @IsNumber({ allowNaN: false, allowInfinity: false, maxDecimalPlaces: 6 })
  @Min(0)
  @Max(0.5)
  faults = 0;
}
