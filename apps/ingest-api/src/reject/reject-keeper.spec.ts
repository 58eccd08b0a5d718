import { UnbindableValueError, type RejectRepository, type StoredReject } from '@orderstream/cassandra';
import type { Log } from '@orderstream/observability';
import { ActiveJob } from '../track/active-job.js';
import { RejectKeeper } from './reject-keeper.js';

const fault = { code: 'bad_int', reason: 'why\u0007', column: 'a', value: `${'x'.repeat(300)}` } as const;
const rejectsFrom = (first: number, count: number, raw?: Buffer) =>
  Array.from({ length: count }, (_, i) => ({ row: first + i, faults: [fault], raw: raw ?? `row ${first + i}` }));

const jobOf = (): ActiveJob =>
  new ActiveJob({
    id: 'j',
    kind: 'upload',
    stream: 's',
    sourceName: 'f',
    writeTimeBase: 1_000,
    createdAt: new Date(0),
  });

/** A table whose writes end when they are told to. */
class Table {
  readonly rows = new Map<number, { reject: StoredReject; writeTime: bigint }>();
  isAway = false;
  refuses: Error | undefined;
  private release: () => void = () => undefined;
  private returned = Promise.resolve();

  goAway(): void {
    this.isAway = true;
    this.returned = new Promise((resolve) => (this.release = resolve));
  }

  comeBack(): void {
    this.isAway = false;
    this.release();
  }

  async putSource(): Promise<void> {}

  async put(_: string, rejects: readonly StoredReject[], writeTimeOf: (row: number) => bigint): Promise<void> {
    if (this.refuses !== undefined) throw this.refuses;
    await this.returned;
    for (const reject of rejects) this.rows.set(reject.row, { reject, writeTime: writeTimeOf(reject.row) });
  }
}

const log = { warn: () => undefined, error: () => undefined } as unknown as Log;
const keeperOn = (table: Table, job = jobOf(), kept?: { count: number; bytes: number }) => {
  const keeper = new RejectKeeper(table as unknown as RejectRepository, job, { format: 'ndjson' }, log);
  keeper.begin(kept && { ...kept, through: -1, warnings: [] });
  return keeper;
};

describe('the keeper of rejects', () => {
  it('has written everything when it ends, each at the write time of its row, printable', async () => {
    const table = new Table();
    const keeper = keeperOn(table);
    keeper.add(rejectsFrom(5, 3));
    await keeper.room();
    keeper.add(rejectsFrom(8, 2));
    await keeper.end();
    expect([...table.rows.keys()]).toEqual([5, 6, 7, 8, 9]);
    const { reject, writeTime } = table.rows.get(5)!;
    expect(writeTime).toBe(1_005n);
    expect(reject).toMatchObject({ row: 5, code: 'bad_int', reason: 'why\\x07', value: `${'x'.repeat(200)}…` });
    expect(Buffer.from(reject.raw).toString()).toBe('row 5');
  });

  it('lets the upload go on while there is room, and wait once there is none', async () => {
    const table = new Table();
    const keeper = keeperOn(table);
    await keeper.end();
    table.goAway();
    keeper.add(rejectsFrom(0, 10)); // under way
    keeper.add(rejectsFrom(10, 2_000));
    await keeper.room();
    keeper.add(rejectsFrom(2_010, 1));
    let hasRoom = false;
    const room = keeper.room().then(() => (hasRoom = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    table.comeBack();
    await room;
    await keeper.end();
    expect(table.rows.size).toBe(2_011);
  });

  it('gives up what Cassandra would never take, and says so; the upload does not hang for it', async () => {
    const table = new Table();
    table.refuses = new UnbindableValueError('raw', 'it is no blob');
    const job = jobOf();
    const keeper = keeperOn(table, job);
    keeper.add(rejectsFrom(0, 1));
    await keeper.end();
    expect([...job.warnings]).toEqual([expect.stringMatching(/could not be kept.*send the whole file/)]);
  });

  it('keeps no more than the cap, and says so', async () => {
    const table = new Table();
    const job = jobOf();
    const keeper = keeperOn(table, job);
    keeper.add(rejectsFrom(0, 100_000));
    expect(job.warnings.size).toBe(0);
    keeper.add(rejectsFrom(100_000, 3));
    await keeper.end();
    expect(table.rows.size).toBe(100_000);
    expect([...job.warnings]).toEqual([
      expect.stringMatching(/only the first 100000 rejected rows.*send the whole file/),
    ]);
  });

  it('keeps no more bytes than the cap, and says so', async () => {
    const table = new Table();
    const job = jobOf();
    const keeper = keeperOn(table, job);
    keeper.add(rejectsFrom(0, 4_096, Buffer.alloc(64 * 1024)));
    expect(job.warnings.size).toBe(0);
    keeper.add(rejectsFrom(4_096, 1));
    await keeper.end();
    expect(table.rows.size).toBe(4_096);
    expect(job.warnings.size).toBe(1);
  });
});
