import type { Segment } from '@orderstream/contracts';
import type { KafkaRecord } from '@orderstream/kafka';
import fc from 'fast-check';
import { RowSearch } from './row-search.js';

const JOB = 'job-1';

const record = (offset: bigint, row: number, job = JOB): KafkaRecord => ({
  offset: String(offset),
  key: null,
  value: null,
  headers: { 'os-job': Buffer.from(job), 'os-row': Buffer.from(String(row)) },
  timestamp: '1',
});

type Log = ReadonlyMap<number, readonly KafkaRecord[]>;

/** Reads as Kafka does: from the offset asked for on, or the oldest there is, `fetchSize` records at most. */
function run(search: RowSearch, logByPartition: Log, fetchSize: number): { reads: number } {
  let reads = 0;
  for (const [partition, start] of search.starts) {
    for (let at = start; ;) {
      const log = logByPartition.get(partition) ?? [];
      const first = log.findIndex(({ offset }) => BigInt(offset) >= at);
      reads++;
      const to = search.take(partition, first < 0 ? [] : log.slice(first, first + fetchSize));
      if (to === 'done') return { reads };
      if (to === 'partition-done') break;
      at = to;
    }
  }
  return { reads };
}

/** One job's rows dealt to partitions; records of others lie between its segments. */
const jobs = fc.record({
  partitionByRow: fc.array(fc.nat(2), { minLength: 1, maxLength: 60 }),
  segmentRows: fc.integer({ min: 1, max: 20 }),
  others: fc.integer({ min: 0, max: 7 }),
  fetchSize: fc.integer({ min: 1, max: 9 }),
});

function logsOf({
  partitionByRow,
  segmentRows,
  others,
}: {
  partitionByRow: number[];
  segmentRows: number;
  others: number;
}) {
  const logByPartition = new Map<number, KafkaRecord[]>([0, 1, 2].map((partition) => [partition, []]));
  const segments: Segment[] = [];
  for (const [partition, log] of logByPartition) {
    const rows = partitionByRow.flatMap((of, row) => (of === partition ? [row] : []));
    for (let i = 0; i < rows.length; i += segmentRows) {
      for (let other = 0; other < others; other++) log.push(record(BigInt(log.length), other, 'another'));
      const mine = rows.slice(i, i + segmentRows);
      const base = String(log.length);
      segments.push({
        topic: 't',
        partition,
        base,
        count: mine.length,
        firstRow: mine[0]!,
        lastRow: mine.at(-1)!,
        attempt: 1,
      });
      for (const row of mine) log.push(record(BigInt(log.length), row));
    }
  }
  return { logByPartition, segments };
}

const endsOf = (logByPartition: Log, low = 0n) =>
  new Map([...logByPartition].map(([partition, log]) => [partition, { low, high: BigInt(log.length) }]));

describe('RowSearch', () => {
  it('finds every row that was published, and no other', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const { logByPartition, segments } = logsOf(job);
        job.partitionByRow.forEach((partition, row) => {
          const search = new RowSearch(segments, { job: JOB, row }, endsOf(logByPartition));
          run(search, logByPartition, job.fetchSize);
          expect(search.found?.segment.partition).toBe(partition);
          expect(String(search.found?.record.headers?.['os-row'])).toBe(String(row));
        });
        const absent = new RowSearch(segments, { job: JOB, row: job.partitionByRow.length }, endsOf(logByPartition));
        expect(absent.starts.size).toBe(0);
        expect(absent.isExpired).toBe(false);
      }),
    );
  });

  it('says of a row whether retention has deleted it, wherever it cut', () => {
    fc.assert(
      fc.property(jobs, fc.nat(60), (job, low) => {
        const { logByPartition, segments } = logsOf(job);
        const left = new Map(
          [...logByPartition].map(([p, log]) => [p, log.filter(({ offset }) => Number(offset) >= low)]),
        );
        const offsetOf = (partition: number, row: number) =>
          Number(
            logByPartition
              .get(partition)!
              .find(
                (each) => String(each.headers?.['os-row']) === String(row) && String(each.headers?.['os-job']) === JOB,
              )!.offset,
          );
        job.partitionByRow.forEach((partition, row) => {
          const search = new RowSearch(segments, { job: JOB, row }, endsOf(logByPartition, BigInt(low)));
          run(search, left, job.fetchSize);
          const isThere = offsetOf(partition, row) >= low;
          expect([search.found !== undefined, search.isExpired]).toEqual([isThere, !isThere]);
        });
      }),
    );
  });

  it('does not say expired of a row that was never published between rows that are there', () => {
    const log = [record(0n, 2), record(1n, 4)];
    const segment = { topic: 't', partition: 0, base: '0', count: 2, firstRow: 2, lastRow: 4, attempt: 1 };
    const search = new RowSearch([segment], { job: JOB, row: 3 }, new Map([[0, { low: 0n, high: 2n }]]));
    run(search, new Map([[0, log]]), 10);
    expect([search.found, search.isExpired]).toEqual([undefined, false]);
  });

  it('reads little of a segment of a million records', () => {
    // Rows are not spread evenly, so that the first guess is far off.
    const rowAt = (offset: number): number => offset + (offset > 900_000 ? 1_000_000 : 0);
    const COUNT = 1_000_000;
    const fetch = (from: number) =>
      Array.from({ length: Math.min(500, COUNT - from) }, (_, i) => record(BigInt(from + i), rowAt(from + i)));
    const lastRow = rowAt(COUNT - 1);
    const segment = { topic: 't', partition: 0, base: '0', count: COUNT, firstRow: 0, lastRow, attempt: 1 };
    for (const offset of [0, 1, 450_001, 900_000, 900_001, 999_999]) {
      const search = new RowSearch(
        [segment],
        { job: JOB, row: rowAt(offset) },
        new Map([[0, { low: 0n, high: 1_000_000n }]]),
      );
      let reads = 0;
      for (let from = search.starts.get(0); typeof from === 'bigint'; reads++) {
        const to = search.take(0, fetch(Number(from)));
        from = typeof to === 'bigint' ? to : undefined;
      }
      expect(search.found?.record.offset).toBe(String(offset));
      expect(reads).toBeLessThanOrEqual(13);
    }
  });

  it('answers with the newest attempt that has the row', () => {
    const log = [record(0n, 2), record(1n, 3), record(2n, 4), record(3n, 3)];
    const segments = [
      { topic: 't', partition: 0, base: '0', count: 3, firstRow: 2, lastRow: 4, attempt: 1 },
      { topic: 't', partition: 0, base: '3', count: 1, firstRow: 3, lastRow: 3, attempt: 2 },
    ];
    const offsetOf = (row: number): string | undefined => {
      const search = new RowSearch(segments, { job: JOB, row }, new Map([[0, { low: 0n, high: 4n }]]));
      run(search, new Map([[0, log]]), 10);
      return search.found?.record.offset;
    };
    expect([2, 3, 4].map(offsetOf)).toEqual(['0', '3', '2']);
  });
});
