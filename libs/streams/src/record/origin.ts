import { HEADER, headerText, jobOf, rowOf, writeTimeOf, type RowFault, type WithHeaders } from '@orderstream/contracts';

const DAY_US = 86_400_000_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DIGITS = /^\d{1,16}$/;

/** Which job and row a record comes from, as far as its headers can be read. */
export interface JobPlace {
  readonly jobId: string | undefined;
  readonly jobRow: number | undefined;
}

/** The same, and when the record was written. */
export interface Origin extends JobPlace {
  /** µs since the epoch: the CQL write time, the same on every delivery */
  readonly writeTimeMicros: number;
}

/** What the origin is read from. */
export interface OriginSource extends WithHeaders {
  readonly offset: string;
  /** record time, ms since the epoch, as Kafka gives it */
  readonly timestamp: string;
}

/** Unreadable ones are left out: a letter still belongs to its job when only its row or its write time is wrong. */
export function readPlace(source: WithHeaders): JobPlace {
  const jobId = jobOf(source);
  const row = rowOf(source);
  return {
    jobId: jobId !== undefined && UUID.test(jobId) ? jobId : undefined,
    jobRow: row !== undefined && isRow(row) ? Number(row) : undefined,
  };
}

/**
 * Write time of a record: its `os-write-time` header; without one, record time in ms × 1000 + offset mod 1000, so
 * that a replay gives the same and records of one millisecond usually keep their order.
 */
export function readOrigin(source: OriginSource, place: JobPlace): Origin | RowFault {
  const given = writeTimeOf(source);
  const recordMs = Number(source.timestamp);
  const writeTimeMicros = given === undefined ? recordWriteTime(recordMs, source.offset) : Number(given);
  const fault = given === undefined ? recordTimeFault(source.timestamp) : writeTimeFault(given, recordMs);
  return fault ?? placeFault(source, place) ?? { writeTimeMicros, ...place };
}

function recordTimeFault(timestamp: string): RowFault | undefined {
  if (Number(timestamp) > 0) return undefined;
  return { code: 'bad_record_time', reason: `record time ${timestamp} is not positive`, value: timestamp };
}

function writeTimeFault(given: string, recordMs: number): RowFault | undefined {
  if (!DIGITS.test(given) || Number(given) === 0) return badHeader(HEADER.writeTime, given);
  if (!(recordMs > 0) || Number(given) <= recordMs * 1000 + DAY_US) return undefined;
  return {
    code: 'write_time_in_future',
    reason: `write time ${given} µs is more than a day ahead of the record time ${recordMs} ms`,
    value: given,
  };
}

function placeFault(source: WithHeaders, { jobId, jobRow }: JobPlace): RowFault | undefined {
  const job = jobOf(source);
  const row = rowOf(source);
  if (job !== undefined && jobId === undefined) return badHeader(HEADER.job, job);
  return row !== undefined && jobRow === undefined ? badHeader(HEADER.row, row) : undefined;
}

/** Does null in the value clear its column? Only where a header of the API says so: other producers' nulls mean unset. */
export function readBlank(source: WithHeaders): { readonly clears: boolean } | RowFault {
  const blank = headerText(source, HEADER.blank);
  if (blank === undefined || blank === 'keep') return KEEPS;
  return blank === 'clear' ? CLEARS : badHeader(HEADER.blank, blank);
}

const KEEPS = { clears: false } as const;
const CLEARS = { clears: true } as const;

const isRow = (text: string): boolean => DIGITS.test(text) && Number(text) <= 0x7fffffff;

function recordWriteTime(recordMs: number, offset: string): number {
  return recordMs * 1000 + Number(offset.slice(-3));
}

function badHeader(name: string, value: string): RowFault {
  return { code: 'bad_header', reason: `header ${name} cannot be read`, column: name, value };
}
