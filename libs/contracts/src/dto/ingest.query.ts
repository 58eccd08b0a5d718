import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { IsDuration } from './duration.validator.js';

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
    description: "Take the ' off that rejects.csv puts before a text a spreadsheet would take for a formula.",
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  unescape: 'true' | 'false' = 'false';
}
