import { HEADER, type RowFault } from '@orderstream/contracts';

const DAY_US = 86_400_000_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DIGITS = /^\d{1,16}$/;

/** Which job and row a record comes from, and when it was written. */
export interface Origin {
  /** µs since the epoch: the CQL write time, the same on every delivery */
  readonly writeTimeMicros: number;
  readonly jobId: string | undefined;
  readonly jobRow: number | undefined;
}

type HeaderValue = Buffer | string;
/** Headers as a consumer gives them; a name that stands twice has an array. */
export type RecordHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>;

/** What the origin is read from. */
export interface OriginSource {
  readonly offset: string;
  /** record time, ms since the epoch, as Kafka gives it */
  readonly timestamp: string;
  readonly headers?: RecordHeaders;
}

const isRepeated = (value: HeaderValue | readonly HeaderValue[] | undefined): value is readonly HeaderValue[] =>
  Array.isArray(value);

/** Of a header that stands more than once, the last one counts. */
export const headerValue = (value: HeaderValue | readonly HeaderValue[] | undefined): HeaderValue | undefined =>
  isRepeated(value) ? value.at(-1) : value;

function headerText(headers: RecordHeaders | undefined, name: string): string | undefined {
  const value = headerValue(headers?.[name]);
  return typeof value === 'string' ? value : value?.toString('latin1');
}

/**
 * Write time of a record: its `os-write-time` header; without one, record time in ms × 1000 + offset mod 1000, so
 * that a replay gives the same and records of one millisecond usually keep their order.
 */
export function readOrigin(source: OriginSource): Origin | RowFault {
  const given = headerText(source.headers, HEADER.writeTime);
  const recordMs = Number(source.timestamp);
  const writeTimeMicros = given === undefined ? recordWriteTime(recordMs, source.offset) : Number(given);
  if (given === undefined && !(recordMs > 0)) {
    return {
      code: 'bad_record_time',
      reason: `record time ${source.timestamp} is not positive`,
      value: source.timestamp,
    };
  }
  if (given !== undefined && (!DIGITS.test(given) || writeTimeMicros === 0)) return badHeader(HEADER.writeTime, given);
  if (given !== undefined && recordMs > 0 && writeTimeMicros > recordMs * 1000 + DAY_US) {
    return {
      code: 'write_time_in_future',
      reason: `write time ${given} µs is more than a day ahead of the record time ${source.timestamp} ms`,
      value: given,
    };
  }
  return withJob(source, writeTimeMicros);
}

function withJob(source: OriginSource, writeTimeMicros: number): Origin | RowFault {
  const jobId = headerText(source.headers, HEADER.job);
  const row = headerText(source.headers, HEADER.row);
  if (jobId !== undefined && !UUID.test(jobId)) return badHeader(HEADER.job, jobId);
  if (row !== undefined && (!DIGITS.test(row) || Number(row) > 0x7fffffff)) return badHeader(HEADER.row, row);
  return { writeTimeMicros, jobId, jobRow: row === undefined ? undefined : Number(row) };
}

function recordWriteTime(recordMs: number, offset: string): number {
  return recordMs * 1000 + Number(offset.slice(-3));
}

function badHeader(name: string, value: string): RowFault {
  return { code: 'bad_header', reason: `header ${name} cannot be read`, column: name, value };
}
