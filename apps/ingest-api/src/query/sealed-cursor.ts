import { createHash } from 'node:crypto';
import { ProblemError } from '@orderstream/contracts';

const CHECK_BYTES = 12;

/**
 * A place in an answer as text for the caller. It carries a sum over the question and itself, so that a cursor of
 * another question, or half of one, is refused and never answered with rows of something else. It is no secret.
 */
export const sealCursor = (question: string, place: Buffer): string =>
  Buffer.concat([checkOf(question, place), place]).toString('base64url');

/** The place that `sealCursor` was given for the same question. Throws `bad_parameter` for any other text. */
export function openCursor(question: string, cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const place = bytes.subarray(CHECK_BYTES);
  const isOurs = bytes.toString('base64url') === cursor && bytes.length > CHECK_BYTES;
  if (isOurs && checkOf(question, place).equals(bytes.subarray(0, CHECK_BYTES))) return place;
  const detail =
    'cursor is not a `next` of this question: send the same filters and sort with it, or leave it out to begin again';
  throw new ProblemError('bad_parameter', detail, { errors: [{ parameter: 'cursor', detail }] });
}

const checkOf = (question: string, place: Buffer): Buffer =>
  createHash('sha256').update(question).update('\0').update(place).digest().subarray(0, CHECK_BYTES);
