import type { CassandraSession } from '../session/cassandra-session.js';
import { listIn, numberIn, textIn, timeIn } from '../values/result-values.js';
import { recountStatements } from './rollup-statements.js';

/** One count of a whole table. */
export interface Recount {
  readonly stream: string;
  readonly id: string;
  /** what was counted; see `statsFingerprint` */
  readonly stats: string;
  /** ms since the epoch, of its beginning */
  readonly asOfMs: number;
  readonly records: number;
  /** where its buckets lie */
  readonly shards: readonly string[];
}

/** Which recount of a stream answers: the last one that was finished. Every call rejects with the driver's error. */
export class RecountRepository {
  private readonly statements: ReturnType<typeof recountStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = recountStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  async put({ stream, id, stats, asOfMs, records, shards }: Recount): Promise<void> {
    const params = [stream, id, stats, new Date(asOfMs), BigInt(records), [...shards]];
    await this.session.execute(this.statements.insert, params);
  }

  async find(stream: string): Promise<Recount | undefined> {
    const { rows } = await this.session.execute(this.statements.select, [stream]);
    const row = rows[0];
    return (
      row && {
        stream,
        id: textIn(row, 'recount_id')!,
        stats: textIn(row, 'stats') ?? '',
        asOfMs: timeIn(row, 'as_of') ?? 0,
        records: numberIn(row, 'records') ?? 0,
        shards: listIn(row, 'shards'),
      }
    );
  }
}
