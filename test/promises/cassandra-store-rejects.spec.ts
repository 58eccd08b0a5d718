import { randomUUID } from 'node:crypto';
import { MAX_RAW_BYTES, type RejectEntry, RejectRepository, type StoredReject } from '@orderstream/cassandra';
import { migratedKeyspace } from './cassandra-store.keyspaces.js';

const keyspaces = migratedKeyspace();

describe('the rejects of a job', () => {
  const rejectOf = (row: number, more: Partial<StoredReject> = {}): StoredReject => ({
    row,
    stage: 'door',
    code: 'bad_int',
    column: 'quantity',
    reason: 'why',
    value: 'x',
    raw: Buffer.from(`row ${row}`),
    ...more,
  });
  const at = (row: number) => 1_000_000n + BigInt(row);

  async function entriesOf(rejects: RejectRepository, jobId: string, from = 0): Promise<RejectEntry[]> {
    const entries: RejectEntry[] = [];
    for await (const page of rejects.entries(jobId, { raw: true, from })) entries.push(...page);
    return entries;
  }

  it('come back in the order of their rows, to the last byte, whatever the order in which they were written', async () => {
    const rejects = new RejectRepository(keyspaces.session);
    await rejects.prepareAll();
    const jobId = randomUUID();
    const rows = [2, 255, 256, 300, 70_000, 2_000_000_000];
    const large = rejectOf(257, { raw: Buffer.alloc(MAX_RAW_BYTES + 5, 0xff), column: undefined, value: undefined });
    await rejects.put(jobId, [...rows.map((row) => rejectOf(row)).reverse(), large], at);
    await rejects.put(randomUUID(), [rejectOf(3)], at);
    const entries = await entriesOf(rejects, jobId);
    expect(entries.map(({ row }) => row)).toEqual([2, 255, 256, 257, 300, 70_000, 2_000_000_000]);
    expect(entries[3]!.raw).toEqual(Buffer.alloc(MAX_RAW_BYTES, 0xff));
    const { raw, ...first } = rejectOf(2);
    expect(entries[0]).toEqual({ row: 2, reject: first, raw, repairedAttempt: undefined });
    expect((await entriesOf(rejects, jobId, 256)).map(({ row }) => row)).toEqual([
      256, 257, 300, 70_000, 2_000_000_000,
    ]);
    expect((await entriesOf(rejects, jobId, 301)).map(({ row }) => row)).toEqual([70_000, 2_000_000_000]);
    expect(keyspaces.warnings).toEqual([]);
  });

  it('written again by a resumed upload they change nothing, not even what a repair has made of them', async () => {
    const rejects = new RejectRepository(keyspaces.session);
    const jobId = randomUUID();
    await rejects.put(jobId, [rejectOf(2), rejectOf(3)], at);
    const now = BigInt(Date.now()) * 1000n;
    await rejects.mark(jobId, [3], 2, now);
    await rejects.replace(jobId, [rejectOf(2, { code: 'missing_value', value: undefined })], now);
    const before = await entriesOf(rejects, jobId);
    expect(before).toMatchObject([
      { reject: { code: 'missing_value', value: undefined } },
      { reject: { code: 'bad_int' }, repairedAttempt: 2 },
    ]);
    await rejects.put(jobId, [rejectOf(2), rejectOf(3)], at);
    expect(await entriesOf(rejects, jobId)).toEqual(before);
    await rejects.mark(jobId, [3], null, now + 1n);
    await rejects.forget(jobId, [2], now + 1n);
    const [forgotten, taken] = await entriesOf(rejects, jobId);
    expect(forgotten).toMatchObject({ row: 2, reject: undefined });
    expect(taken).toMatchObject({ row: 3, reject: { code: 'bad_int' }, repairedAttempt: undefined });
  });

  it('know the file they came in, also when there are none', async () => {
    const rejects = new RejectRepository(keyspaces.session);
    const jobId = randomUUID();
    expect(await rejects.source(jobId)).toBeUndefined();
    const reading = { timeZone: 'America/Sao_Paulo', decimalComma: true, nullValues: ['N/A', '-'] };
    const csv = { format: 'csv', delimiter: ';', header: ['a', '', 'b'], reading, unescape: true } as const;
    await rejects.putSource(jobId, csv);
    expect(await rejects.source(jobId)).toEqual(csv);
    expect(await entriesOf(rejects, jobId)).toEqual([]);
    const json = randomUUID();
    await rejects.putSource(json, { format: 'ndjson' });
    expect(await rejects.source(json)).toEqual({ format: 'ndjson', delimiter: undefined, header: undefined });
  });
});
