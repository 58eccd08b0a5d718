import { qualified } from '../cql/identifiers.js';
import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { bigintIn, numberIn, textIn } from '../values/result-values.js';

/** What is kept of one row that was overruled. Write times are µs. */
export interface Overrule {
  readonly stream: string;
  /** of the new write, ISO 8601 date in UTC */
  readonly day: string;
  readonly newWriteTimeMicros: bigint;
  /** the primary key as JSON */
  readonly recordKey: string;
  readonly reconciliationId: string;
  /** what was wrong: missing, stale or foreign */
  readonly fault: string;
  /** the record of the log that was published again */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly expectedWriteTimeMicros: bigint;
  /** undefined where there was no row */
  readonly foundWriteTimeMicros: bigint | undefined;
}

export function overruleStatements(keyspace: string) {
  const overrules = qualified(keyspace, 'overrules');
  const columns =
    'stream, day, new_write_time, record_key, reconciliation_id, fault, topic, partition, kafka_offset, ' +
    'expected_write_time, found_write_time';
  return {
    insert: `INSERT INTO ${overrules} (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    selectDay: `SELECT ${columns} FROM ${overrules} WHERE stream = ? AND day = ?`,
  } as const;
}

/** The audit of overruled rows. Every call rejects with the driver's error. */
export class OverruleRepository {
  private readonly statements: ReturnType<typeof overruleStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = overruleStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  async add(overrule: Overrule): Promise<void> {
    const { stream, day, newWriteTimeMicros, recordKey, reconciliationId, fault } = overrule;
    const { topic, partition, offset, expectedWriteTimeMicros, foundWriteTimeMicros } = overrule;
    await this.session.execute(this.statements.insert, [
      ...[stream, day, newWriteTimeMicros, recordKey, reconciliationId, fault],
      ...[topic, partition, BigInt(offset), expectedWriteTimeMicros, foundWriteTimeMicros ?? null],
    ]);
  }

  /** Those of one stream and UTC day, newest first, by page. */
  async *ofDay(stream: string, day: string): AsyncGenerator<readonly Overrule[]> {
    for await (const rows of this.session.pages(this.statements.selectDay, [stream, day])) yield rows.map(overruleIn);
  }
}

const overruleIn = (row: ResultRow): Overrule => ({
  stream: textIn(row, 'stream')!,
  day: textIn(row, 'day')!,
  newWriteTimeMicros: bigintIn(row, 'new_write_time')!,
  recordKey: textIn(row, 'record_key')!,
  reconciliationId: textIn(row, 'reconciliation_id')!,
  fault: textIn(row, 'fault')!,
  topic: textIn(row, 'topic')!,
  partition: numberIn(row, 'partition')!,
  offset: textIn(row, 'kafka_offset')!,
  expectedWriteTimeMicros: bigintIn(row, 'expected_write_time')!,
  foundWriteTimeMicros: bigintIn(row, 'found_write_time'),
});
