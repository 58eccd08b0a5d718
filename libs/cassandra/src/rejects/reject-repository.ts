import { Limiter } from '@orderstream/resilience';
import type { CassandraSession } from '../session/cassandra-session.js';
import { numberIn } from '../values/result-values.js';
import { bucketOf, type RejectEntry, type RejectSource, type StoredReject } from './reject.js';
import { entryIn, rejectParams, sourceIn, sourceParams } from './reject-rows.js';
import { rejectStatements } from './reject-statements.js';

/** One write: rejects of one bucket, so that it is one mutation whatever their number, and far below 16 MiB. */
const WRITE_BYTES = 512 * 1024;
const WRITES_AT_ONCE = 4;
/** Raw rows are up to 64 KiB each. */
const PAGE = 100;

interface Write {
  readonly bucket: number;
  readonly puts: { readonly query: string; readonly params: readonly unknown[] }[];
}

/**
 * What was refused at the door, per job, and which refused rows were repaired since. Every write is an upsert with a write
 * time: the same again changes nothing. Every call rejects with the driver's error.
 */
export class RejectRepository {
  private readonly statements: ReturnType<typeof rejectStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = rejectStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  /** What the file of the job looks like. */
  async putSource(jobId: string, source: RejectSource): Promise<void> {
    await this.session.execute(this.statements.insertSource, sourceParams(jobId, source));
  }

  /** Undefined when the job has none. */
  async source(jobId: string): Promise<RejectSource | undefined> {
    const { rows } = await this.session.execute(this.statements.selectSource, [jobId]);
    return rows[0] && sourceIn(rows[0]);
  }

  /** `writeTimeOf` answers µs: that of the row when it is first refused, so that a resumed upload changes nothing. */
  async put(jobId: string, rejects: readonly StoredReject[], writeTimeOf: (row: number) => bigint): Promise<void> {
    await this.write(jobId, rejects, (reject) => ({
      query: this.statements.insert,
      params: [...rejectParams(jobId, reject, undefined), writeTimeOf(reject.row)],
    }));
  }

  /** The new reasons of rows that were repaired and are still wrong. `writeTime` in µs, that of now. */
  async replace(jobId: string, rejects: readonly StoredReject[], writeTime: bigint): Promise<void> {
    await this.write(jobId, rejects, (reject) => ({
      query: this.statements.insert,
      params: [...rejectParams(jobId, reject, null), writeTime],
    }));
  }

  /** Notes the attempt in which rows were published again; null takes the note back. `writeTime` in µs, that of now. */
  async mark(jobId: string, rows: readonly number[], attempt: number | null, writeTime: bigint): Promise<void> {
    await this.write(jobId, rows.map(withoutRaw), ({ row }) => ({
      query: this.statements.mark,
      params: [jobId, bucketOf(row), row, attempt, writeTime],
    }));
  }

  /** Takes the reasons back of rows that have a letter of their own. `writeTime` in µs, that of now. */
  async forget(jobId: string, rows: readonly number[], writeTime: bigint): Promise<void> {
    const { forget } = this.statements;
    await this.write(jobId, rows.map(withoutRaw), ({ row }) => ({
      query: forget,
      params: [writeTime, jobId, bucketOf(row), row],
    }));
  }

  /** In the order of the rows, from row `from` on, by page. */
  async *entries(jobId: string, { raw = false, from = 0 } = {}): AsyncGenerator<readonly RejectEntry[]> {
    const query = raw ? this.statements.selectWithRaw : this.statements.selectEntries;
    for await (const buckets of this.session.pages(this.statements.selectBuckets, [jobId, bucketOf(from)])) {
      for (const row of buckets) {
        const bucket = numberIn(row, 'bucket');
        for await (const page of this.session.pages(query, [jobId, bucket, from], { fetchSize: PAGE })) {
          yield page.map(entryIn);
        }
      }
    }
  }

  /** What is noted of one row, with the row as it came; undefined when nothing is. */
  async find(jobId: string, row: number): Promise<RejectEntry | undefined> {
    const { rows } = await this.session.execute(this.statements.selectOne, [jobId, bucketOf(row), row]);
    return rows[0] && entryIn(rows[0]);
  }

  private async write<T extends { readonly row: number; readonly raw: { readonly byteLength: number } }>(
    jobId: string,
    items: readonly T[],
    putOf: (item: T) => Write['puts'][number],
  ): Promise<void> {
    const limiter = new Limiter(WRITES_AT_ONCE);
    await Promise.all(writesOf(items, putOf).map((write) => limiter.run(() => this.run(jobId, write))));
  }

  /** The bucket is listed before there is anything in it, never the other way round. */
  private async run(jobId: string, { bucket, puts }: Write): Promise<void> {
    await this.session.execute(this.statements.insertBucket, [jobId, bucket]);
    await this.session.batch(puts);
  }
}

const withoutRaw = (row: number) => ({ row, raw: { byteLength: 0 } });

function writesOf<T extends { readonly row: number; readonly raw: { readonly byteLength: number } }>(
  items: readonly T[],
  putOf: (item: T) => Write['puts'][number],
): Write[] {
  const filling = new Map<number, { write: Write; bytes: number }>();
  const writes: Write[] = [];
  for (const item of items) {
    const bucket = bucketOf(item.row);
    let open = filling.get(bucket);
    if (!open || open.bytes + item.raw.byteLength > WRITE_BYTES) {
      open = { write: { bucket, puts: [] }, bytes: 0 };
      filling.set(bucket, open);
      writes.push(open.write);
    }
    open.write.puts.push(putOf(item));
    open.bytes += item.raw.byteLength;
  }
  return writes;
}
