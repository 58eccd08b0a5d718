import { HEADER, type JobView } from '@orderstream/contracts';
import type { TopicRecord } from './kafka-topics.js';

/** An invariant does not hold; the message says which rows break it. */
export class LedgerError extends Error {
  constructor(
    readonly invariant: string,
    what: string,
  ) {
    super(`${invariant}: ${what}`);
    this.name = 'LedgerError';
  }
}

/**
 * What a table must hold after these records, whatever happened on their way: per key the greatest write time. This is
 * the model of the promise, written down a second time on purpose: header `os-write-time`, or record time in ms × 1000
 * + offset mod 1000. `keyOf` answers undefined for a record that must not be stored.
 */
export function expectedWriteTimes(
  records: readonly TopicRecord[],
  keyOf: (record: TopicRecord) => string | undefined,
): Map<string, bigint> {
  const newest = new Map<string, bigint>();
  for (const record of records) {
    const key = keyOf(record);
    if (key === undefined) continue;
    const at = writeTimeOf(record);
    if (at > (newest.get(key) ?? -1n)) newest.set(key, at);
  }
  return newest;
}

export function writeTimeOf({ headers, timestamp, offset }: TopicRecord): bigint {
  const header = headers[HEADER.writeTime];
  if (header !== undefined) return BigInt(String(header));
  return BigInt(timestamp) * 1000n + (BigInt(offset) % 1000n);
}

/** A field of a record's JSON value, as text; for `keyOf`. */
export const jsonField =
  (name: string) =>
  ({ value }: TopicRecord): string =>
    String((JSON.parse(String(value)) as Record<string, unknown>)[name]);

/** Every key is stored or among the rejected ones. Throws LedgerError with the gaps. */
export function nothingLost(
  keys: Iterable<string>,
  stored: { has(key: string): boolean },
  rejected = new Set<string>(),
): void {
  const lost = [...keys].filter((key) => !stored.has(key) && !rejected.has(key));
  if (lost.length > 0)
    throw new LedgerError('nothingLost', `${lost.length} rows are neither stored nor rejected: ${gapsOf(lost)}`);
}

/** No row is stored that nobody sent. Throws LedgerError. */
export function nothingInvented(keys: ReadonlySet<string>, stored: { keys(): Iterable<string> }): void {
  const invented = [...stored.keys()].filter((key) => !keys.has(key));
  if (invented.length > 0)
    throw new LedgerError('nothingInvented', `${invented.length} rows were sent by nobody: ${gapsOf(invented)}`);
}

/** Every stored row has exactly the write time of its newest record. Throws LedgerError. */
export function writeTimesEqual(
  expected: ReadonlyMap<string, bigint>,
  stored: ReadonlyMap<string, { readonly writeTimeMicros: bigint }>,
): void {
  const wrong = [...stored].filter(([key, { writeTimeMicros }]) => expected.get(key) !== writeTimeMicros);
  if (wrong.length === 0) return;
  const [key, { writeTimeMicros }] = wrong[0]!;
  throw new LedgerError(
    'writeTimesEqual',
    `${wrong.length} of ${stored.size} rows have another write time than their record, first ${key}: ` +
      `${writeTimeMicros} µs instead of ${expected.get(key) ?? 'none'}`,
  );
}

/**
 * Every key holds what was last sent for it. Unlike `writeTimesEqual` it asks the sender, not the log: a write time that
 * was wrong from the beginning does not pass. Throws LedgerError.
 */
export function newestWins(sent: ReadonlyMap<string, string>, stored: ReadonlyMap<string, string>): void {
  const wrong = [...sent].filter(([key, value]) => stored.get(key) !== value);
  if (wrong.length === 0) return;
  const [key, value] = wrong[0]!;
  const told = `${wrong.length} of ${sent.size} rows are not what was last sent`;
  throw new LedgerError('newestWins', `${told}, first ${key}: ${stored.get(key) ?? 'no row'} instead of ${value}`);
}

/**
 * All records of one job have its base of write times + their row, also those that were sent again, resumed, repaired or
 * redriven. Overruled ones, which get a new time on purpose, are left out. Throws LedgerError.
 */
export function writeTimesKept(records: readonly TopicRecord[]): void {
  const baseByJob = new Map<string, bigint>();
  for (const record of records) {
    const { headers, partition, offset } = record;
    const [job, row] = [headers[HEADER.job], headers[HEADER.row]];
    if (job === undefined || row === undefined || headers[HEADER.overrules] !== undefined) continue;
    const base = writeTimeOf(record) - BigInt(String(row));
    const known = baseByJob.get(String(job)) ?? base;
    baseByJob.set(String(job), known);
    if (known === base) continue;
    const what = `row ${String(row)} of job ${String(job)} at ${partition}:${offset} has ${base} as base instead of ${known}`;
    throw new LedgerError('writeTimesKept', what);
  }
}

/** A job's counts add up, and at its end nothing is pending. Throws LedgerError. */
export function countsClose({
  id,
  state,
  settledAt,
  counts,
}: Pick<JobView, 'id' | 'state' | 'settledAt' | 'counts'>): void {
  const { received, accepted, stored, pending, rejected, rejectedAtDoor, rejectedInSink } = counts;
  const rules: [string, number, number][] = [
    ['received = accepted + rejectedAtDoor', received, accepted + rejectedAtDoor],
    ['accepted = stored + rejectedInSink + pending', accepted, stored + rejectedInSink + pending],
    ['rejected = rejectedAtDoor + rejectedInSink', rejected, rejectedAtDoor + rejectedInSink],
    ...(settledAt === null
      ? []
      : [['received = stored + rejected', received, stored + rejected] as [string, number, number]]),
  ];
  const broken = rules.filter(([, left, right]) => left !== right);
  if (broken.length === 0) return;
  const told = broken.map(([rule, left, right]) => `${rule} is ${left} = ${right}`).join('; ');
  throw new LedgerError('countsClose', `job ${id} (${state}): ${told}`);
}

/** Keys of one prefix that end in numbers as ranges: `row-3–row-5, row-9`. At most ten. */
function gapsOf(keys: readonly string[]): string {
  const ranges: { first: string; last: string }[] = [];
  for (const key of [...keys].sort(byPrefixAndNumber)) {
    const open = ranges.at(-1);
    if (open && follows(open.last, key)) open.last = key;
    else ranges.push({ first: key, last: key });
  }
  const told = ranges.slice(0, 10).map(({ first, last }) => (first === last ? first : `${first}–${last}`));
  return told.join(', ') + (ranges.length > 10 ? ', …' : '');
}

const numberOf = (key: string): number => Number(/\d+$/.exec(key)?.[0] ?? NaN);
const prefixOf = (key: string): string => key.replace(/\d+$/, '');
const follows = (before: string, key: string): boolean =>
  prefixOf(before) === prefixOf(key) && numberOf(key) === numberOf(before) + 1;
const byPrefixAndNumber = (a: string, b: string): number =>
  prefixOf(a).localeCompare(prefixOf(b)) || numberOf(a) - numberOf(b);
