import {
  HEADER,
  headerText,
  headerValue,
  writeTimeOf,
  type HeaderValue,
  type RowFault,
  type WithHeaders,
} from '@orderstream/contracts';

const DAY_US = 86_400_000_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DIGITS = /^\d{1,16}$/;
const MAX_ROW = 0x7fffffff;
const MAX_ROW_DIGITS = 16;
const [ZERO, NINE] = [0x30, 0x39];

/** Which job and row a record comes from, as far as its headers can be read. */
export interface JobPlace {
  readonly jobId: string | undefined;
  readonly jobRow: number | undefined;
}

/** The same, and when the record was written. */
export interface Origin extends JobPlace {
  /** µs since the epoch: the CQL write time, the same on every delivery */
  readonly writeTimeMicros: number;
  /** µs: what the record itself was sent with, where the row is written at the time of a field */
  readonly sentMicros?: number;
}

/** What the origin is read from. */
export interface OriginSource extends WithHeaders {
  readonly offset: string;
  /** record time, ms since the epoch, as Kafka gives it */
  readonly timestamp: string;
}

/** The place, and what is wrong with its headers. */
interface ReadPlace extends JobPlace {
  readonly fault: RowFault | undefined;
}

/** Most records of a batch are of one job, so its id is read and checked once. */
export class LastJob {
  private bytes: Buffer | undefined;
  private id: string | undefined;

  /** The id in a header; undefined when it is none. */
  read(value: HeaderValue): string | undefined {
    if (value === this.bytes || (Buffer.isBuffer(value) && this.bytes?.equals(value))) return this.id;
    const text = String(value);
    const id = UUID.test(text) ? text : undefined;
    if (Buffer.isBuffer(value)) [this.bytes, this.id] = [value, id];
    return id;
  }
}

/** Unreadable ones are left out: a letter still belongs to its job when only its row or its write time is wrong. */
export function readPlace({ headers }: WithHeaders, lastJob: LastJob): ReadPlace {
  const job = headerValue(headers?.[HEADER.job]) ?? undefined;
  const row = headerValue(headers?.[HEADER.row]) ?? undefined;
  const jobId = job === undefined ? undefined : lastJob.read(job);
  const jobRow = row === undefined ? undefined : readRow(row);
  let fault: RowFault | undefined;
  if (job !== undefined && jobId === undefined) fault = badHeader(HEADER.job, String(job));
  else if (row !== undefined && jobRow === undefined) fault = badHeader(HEADER.row, String(row));
  return { jobId, jobRow, fault };
}

/** Decimal digits of a row number, without making a text of them: this is done for every record. */
function readRow(value: NonNullable<HeaderValue>): number | undefined {
  const digits = typeof value === 'string' ? Buffer.from(value) : value;
  if (digits.length === 0 || digits.length > MAX_ROW_DIGITS) return undefined;
  let row = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits[i]!;
    if (digit < ZERO || digit > NINE) return undefined;
    row = row * 10 + digit - ZERO;
  }
  return row <= MAX_ROW ? row : undefined;
}

/**
 * Write time of a record: its `os-write-time` header; without one, record time in ms × 1000 + offset mod 1000, so
 * that a replay gives the same and records of one millisecond usually keep their order.
 */
export function readOrigin(source: OriginSource, { jobId, jobRow, fault }: ReadPlace): Origin | RowFault {
  const given = writeTimeOf(source);
  const recordMs = Number(source.timestamp);
  const writeTimeMicros = given === undefined ? recordWriteTime(recordMs, source.offset) : Number(given);
  const timeFault = given === undefined ? recordTimeFault(source.timestamp) : writeTimeFault(given, recordMs);
  return timeFault ?? fault ?? { writeTimeMicros, jobId, jobRow };
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

/** What is wrong with the time at which a row is written, where that is the one of a field; `recordMs` as Kafka gives it. */
export function rowTimeFault(micros: number, column: string, recordMs: number): RowFault | undefined {
  const value = String(micros / 1000);
  if (micros <= 0) {
    const reason = `${column} is the time at which the row is written, and must be after 1970`;
    return { code: 'out_of_range', reason, column, value };
  }
  if (micros <= recordMs * 1000 + DAY_US && Number.isSafeInteger(micros)) return undefined;
  const reason = `${column} is the time at which the row is written, and is more than a day ahead of the record`;
  return { code: 'write_time_in_future', reason, column, value };
}

/** Does null in the value clear its column? Only where a header of the API says so: other producers' nulls mean unset. */
export function readBlank(source: WithHeaders): { readonly clears: boolean } | RowFault {
  const blank = headerText(source, HEADER.blank);
  if (blank === undefined || blank === 'keep') return KEEPS;
  return blank === 'clear' ? CLEARS : badHeader(HEADER.blank, blank);
}

const KEEPS = { clears: false } as const;
const CLEARS = { clears: true } as const;

function recordWriteTime(recordMs: number, offset: string): number {
  return recordMs * 1000 + Number(offset.slice(-3));
}

function badHeader(name: string, value: string): RowFault {
  return { code: 'bad_header', reason: `header ${name} cannot be read`, column: name, value };
}
