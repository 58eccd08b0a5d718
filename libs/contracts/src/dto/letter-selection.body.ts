import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsInt,
  IsNotEmptyObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IfGiven } from './if-given.validator.js';

const MAX_IDS = 1_000;

/** Which letters: exactly one of the three. */
export class LetterSelection {
  @ApiPropertyOptional({ description: 'Fingerprint of a group: all its letters.' })
  @IfGiven()
  @Matches(/^[0-9a-f]{16}$/, {
    message: 'group is a fingerprint of 16 hexadecimal digits, as GET /dead-letters has it',
  })
  group?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Id of a job: all its letters.' })
  @IfGiven()
  @IsUUID(undefined, { message: 'job is the id of a job, a UUID' })
  job?: string;

  @ApiPropertyOptional({ type: [String], description: `Ids of letters of one stream, 1 to ${MAX_IDS}.` })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_IDS)
  @IsString({ each: true })
  @MaxLength(300, { each: true })
  ids?: string[];
}

/** How they are sent again. */
class RedriveOptions {
  @ApiPropertyOptional({
    type: Number,
    default: 500,
    minimum: 1,
    maximum: 50_000,
    description: 'Most records per second.',
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(50_000)
  rate = 500;

  @ApiPropertyOptional({
    type: Object,
    description: 'JSON merge patch (RFC 7396) that is applied to each value. The message key stays.',
    example: { quantity: 1 },
  })
  @IfGiven()
  @IsNotEmptyObject({ nullable: true }, { message: 'patch is a JSON object with at least one field' })
  patch?: Record<string, unknown>;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Tries the patch on a sample and moves nothing.' })
  @IfGiven()
  @IsBoolean()
  dryRun = false;
}

/** `POST /dead-letters/redrive`. */
export class RedriveBody extends IntersectionType(LetterSelection, RedriveOptions) {}

/** `POST /dead-letters/discard`. */
export class DiscardBody extends LetterSelection {
  @ApiProperty({ description: 'Why they are given up; kept with each letter.' })
  @IsString()
  @Length(1, 500)
  reason!: string;
}
