import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { textIn } from '../values/result-values.js';
import { idempotencyKeyStatements } from './job-statements.js';

/** Keys are kept a day, s. */
export const IDEMPOTENCY_TTL_S = 86_400;

export interface IdempotencyClaim {
  readonly jobId: string;
  readonly stream: string;
  /** canonical text of the options, compared as it is */
  readonly options: string;
}

export interface StoredIdempotencyKey extends IdempotencyClaim {
  /** of the body; absent until it was read to its end */
  readonly sha256?: string;
}

/**
 * Lightweight transactions. To claim or to complete a key comes to the same when it is carried out twice. Every call rejects
 * with the driver's error.
 */
export class IdempotencyKeyRepository {
  private readonly statements: ReturnType<typeof idempotencyKeyStatements>;

  constructor(
    private readonly session: CassandraSession,
    private readonly ttlSeconds: number = IDEMPOTENCY_TTL_S,
  ) {
    this.statements = idempotencyKeyStatements(session.keyspace);
  }

  /** Undefined when the key is now this job's; otherwise what the key stands for already. */
  async claim(key: string, { jobId, stream, options }: IdempotencyClaim): Promise<StoredIdempotencyKey | undefined> {
    const params = [key, jobId, stream, options, this.ttlSeconds];
    const { rows } = await this.session.execute(this.statements.claim, params);
    const [row] = rows;
    if (!row || row['[applied]'] === true) return undefined;
    const stored = keyIn(row);
    // A claim whose answer was lost finds itself.
    return stored.jobId === jobId ? undefined : stored;
  }

  /** Records the hash of the body. False when the key has run out or is another job's. */
  async complete(key: string, claim: IdempotencyClaim, sha256: string): Promise<boolean> {
    const { jobId, stream, options } = claim;
    const params = [this.ttlSeconds, jobId, stream, options, sha256, key, jobId];
    const { rows } = await this.session.execute(this.statements.complete, params);
    return rows[0]?.['[applied]'] === true;
  }

  /** Frees the key of a job that was never made. Tried once: the next claim finds such a job by itself. */
  async release(key: string, jobId: string): Promise<void> {
    await this.session.execute(this.statements.release, [key, jobId], { idempotent: false });
  }

  /** What those of the keys stand for that stand for anything, in the order of the keys; a hundred or so at a time. */
  async findEach(keys: readonly string[]): Promise<StoredIdempotencyKey[]> {
    const { rows } = await this.session.execute(this.statements.selectEach, [keys]);
    const rowByKey = new Map(rows.map((row) => [textIn(row, 'key'), row]));
    return keys.flatMap((key) => {
      const row = rowByKey.get(key);
      return row ? [keyIn(row)] : [];
    });
  }

  async find(key: string): Promise<StoredIdempotencyKey | undefined> {
    const { rows } = await this.session.execute(this.statements.select, [key]);
    return rows[0] && keyIn(rows[0]);
  }
}

function keyIn(row: ResultRow): StoredIdempotencyKey {
  const sha256 = textIn(row, 'sha256');
  return {
    jobId: textIn(row, 'job_id') ?? '',
    stream: textIn(row, 'stream') ?? '',
    options: textIn(row, 'options') ?? '',
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}
