import type { JobView } from '@orderstream/contracts';
import type { TopicRecord } from './kafka-topics.js';
import {
  countsClose,
  expectedWriteTimes,
  jsonField,
  LedgerError,
  newestWins,
  nothingInvented,
  nothingLost,
  writeTimesEqual,
  writeTimesKept,
} from './ledger.js';

const record = (offset: string, id: string, header?: string, timestamp = '1700000000000'): TopicRecord => ({
  partition: 0,
  offset,
  timestamp,
  key: null,
  value: Buffer.from(JSON.stringify({ id })),
  headers: header === undefined ? {} : { 'os-write-time': Buffer.from(header) },
});
const keys = (...numbers: number[]): string[] => numbers.map((n) => `row-${n}`);
const job = (counts: Partial<JobView['counts']>, settledAt: string | null = null): JobView => {
  const zero = {
    received: 0,
    accepted: 0,
    published: 0,
    stored: 0,
    pending: 0,
    rejected: 0,
    rejectedAtDoor: 0,
    rejectedInSink: 0,
  };
  return { id: 'j', state: 'published', settledAt, counts: { ...zero, ...counts } } as JobView;
};

describe('the ledger', () => {
  it('names the gaps when rows are lost, and takes rejected ones for accounted', () => {
    expect(() => nothingLost(keys(1, 2, 3), new Set(keys(1, 2, 3)))).not.toThrow();
    expect(() => nothingLost(keys(1, 2, 3), new Set(keys(1, 3)), new Set(keys(2)))).not.toThrow();
    expect(() => nothingLost(keys(1, 2, 3, 4, 9), new Set(keys(1)))).toThrow(
      '4 rows are neither stored nor rejected: row-2–row-4, row-9',
    );
  });

  it('never makes one range of rows of two kinds', () => {
    const lost = ['slow-1', 'single-0', 'slow-2', 'run-3', 'single-1', 'plain'];
    expect(() => nothingLost(lost, new Set())).toThrow('rejected: plain, run-3, single-0–single-1, slow-1–slow-2');
  });

  it('finds rows that nobody sent', () => {
    expect(() => nothingInvented(new Set(keys(1)), new Set(keys(1)))).not.toThrow();
    expect(() => nothingInvented(new Set(keys(1)), new Set(keys(1, 7)))).toThrow('1 rows were sent by nobody: row-7');
  });

  it('names a row that is not what was last sent, or is not there', () => {
    const sent = new Map([
      ['a', 'new'],
      ['b', 'new'],
    ]);
    expect(() => newestWins(sent, new Map([...sent, ['c', 'other']]))).not.toThrow();
    expect(() => newestWins(sent, new Map([['a', 'old']]))).toThrow(
      'newestWins: 2 of 2 rows are not what was last sent, first a: old instead of new',
    );
    expect(() => newestWins(sent, new Map([['a', 'new']]))).toThrow('first b: no row instead of new');
  });

  it('knows the base of a job by its first record, and finds a row that was given another time', () => {
    const row = (offset: string, n: number, micros: string, more = {}): TopicRecord => {
      const { headers, ...rest } = record(offset, 'a', micros);
      return {
        ...rest,
        headers: { ...headers, 'os-job': Buffer.from('j'), 'os-row': Buffer.from(String(n)), ...more },
      };
    };
    const kept = [row('1', 2, '102'), row('2', 5, '105'), row('3', 2, '102'), record('4', 'b', '7')];
    expect(() => writeTimesKept(kept)).not.toThrow();
    expect(() => writeTimesKept([...kept, row('5', 5, '905')])).toThrow(
      'writeTimesKept: row 5 of job j at 0:5 has 900 as base instead of 100',
    );
    expect(() => writeTimesKept([...kept, row('5', 5, '905', { 'os-overrules': 'r' })])).not.toThrow();
  });

  it('expects the greatest write time of a key: its header, or record time and offset', () => {
    const records = [record('5', 'a', '30'), record('6', 'a', '20'), record('1234', 'b'), record('7', 'c')];
    const expected = expectedWriteTimes(records, (each) => (each.offset === '7' ? undefined : jsonField('id')(each)));
    expect([...expected]).toEqual([
      ['a', 30n],
      ['b', 1_700_000_000_000_234n],
    ]);
  });

  it('finds a row whose write time is another than that of its record', () => {
    const expected = new Map([['row-1', 10n]]);
    expect(() => writeTimesEqual(expected, new Map([['row-1', { writeTimeMicros: 10n }]]))).not.toThrow();
    expect(() => writeTimesEqual(expected, new Map([['row-1', { writeTimeMicros: 11n }]]))).toThrow(
      '11 µs instead of 10',
    );
    expect(() => writeTimesEqual(expected, new Map([['row-2', { writeTimeMicros: 10n }]]))).toThrow('instead of none');
  });

  it('adds up the counts of a job, and at its end expects nothing to be pending', () => {
    const sums = {
      received: 10,
      accepted: 8,
      stored: 5,
      pending: 2,
      rejected: 3,
      rejectedAtDoor: 2,
      rejectedInSink: 1,
    };
    expect(() => countsClose(job(sums))).not.toThrow();
    expect(() => countsClose(job({ ...sums, received: 11 }))).toThrow(
      'received = accepted + rejectedAtDoor is 11 = 10',
    );
    expect(() => countsClose(job({ ...sums, stored: 6 }))).toThrow('accepted = stored + rejectedInSink + pending');
    expect(() => countsClose(job({ ...sums, rejected: 2 }))).toThrow('rejected = rejectedAtDoor + rejectedInSink');
    expect(() => countsClose(job(sums, 'now'))).toThrow(LedgerError);
  });
});
