import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsDuration } from './duration.validator.js';

const toBoolean = ({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value);

/** `POST /ingest`: how to read the body and how long to wait. */
export class IngestQuery {
  @ApiPropertyOptional({ description: 'Name of the stream; without it the header (JSON: the fields) decides.' })
  @IsOptional()
  @IsString()
  stream?: string;

  @ApiPropertyOptional({ enum: ['published', 'stored'], default: 'published', description: 'State to wait for.' })
  @IsOptional()
  @IsIn(['published', 'stored'])
  wait: 'published' | 'stored' = 'published';

  @ApiPropertyOptional({
    type: String,
    default: '60s',
    description: 'Longest wait for `stored` after the body has been published.',
  })
  @IsOptional()
  @IsDuration({ minMs: 0, maxMs: 3_600_000 })
  timeout = '60s';

  @ApiPropertyOptional({ type: String, default: ',', description: 'One character between cells; `tab` for a tab.' })
  @IsOptional()
  @Matches(/^(tab|[\x21\x23-\x7e])$/, {
    message: 'delimiter is one ASCII character other than a quote, or the word tab',
  })
  delimiter = ',';

  @ApiPropertyOptional({
    enum: ['ignore', 'reject'],
    default: 'ignore',
    description: 'What to do with unknown columns.',
  })
  @IsOptional()
  @IsIn(['ignore', 'reject'])
  extra: 'ignore' | 'reject' = 'ignore';

  @ApiPropertyOptional({
    description:
      'Unicode pattern of the timestamps, as Luxon and date-fns use it; `X` and `x` are seconds and milliseconds since ' +
      '1970. Without it: ISO 8601, `YYYY-MM-DD HH:MM:SS` or epoch milliseconds.',
    example: 'M/d/yyyy H:mm',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  timestampFormat?: string;

  @ApiPropertyOptional({
    description:
      'IANA zone of timestamps that name no offset; without it UTC. A time that the zone skips is moved forward by the ' +
      'gap, one that comes twice is the first of the two.',
    example: 'America/Sao_Paulo',
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  timeZone?: string;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Decimals as `1,50` or `1.234,50`.' })
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean({ message: 'decimalComma is true or false' })
  decimalComma = false;

  @ApiPropertyOptional({ description: 'Texts that mean a blank, with commas between them.', example: 'NULL,N/A,-' })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  nullValues?: string;

  @ApiPropertyOptional({
    enum: ['keep', 'clear'],
    default: 'keep',
    description: 'A blank leaves the stored value alone, or clears it where it is neither required nor of a key.',
  })
  @IsOptional()
  @IsIn(['keep', 'clear'])
  blank: 'keep' | 'clear' = 'keep';

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Publishes nothing and answers what would happen.',
  })
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean({ message: 'dryRun is true or false' })
  dryRun = false;

  @ApiPropertyOptional({
    example: '5%',
    description: 'Rejected rows, or their share from row 1,000 on and at the end, above which the upload fails.',
  })
  @IsOptional()
  @Matches(/^(?:\d{1,9}|(?:100|\d{1,2})(?:\.\d{1,6})?%)$/, {
    message: 'maxRejects is a number of rows like 10, or a percentage like 2.5%',
  })
  maxRejects?: string;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description:
      "Take the ' off that rejects.csv and exports put before a text a spreadsheet would take for a formula.",
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  unescape: 'true' | 'false' = 'false';
}

/** Names of all options of `POST /ingest`. */
export const INGEST_OPTIONS: ReadonlySet<string> = new Set(Object.keys(new IngestQuery()));
