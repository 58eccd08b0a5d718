import {
  connectWhenReady,
  createCassandra,
  qualified,
  identifier,
  scanByTokenRange,
  type CassandraSession,
  type ResultRow,
} from '@orderstream/cassandra';

const CONNECT_MS = 60_000;
const READ_TIMEOUT_MS = 30_000;

/** A row as the table has it: who wrote it last, and when. */
export interface StoredRow {
  /** CQL write time of the row's lineage, µs */
  readonly writeTimeMicros: bigint;
  readonly partition: number;
  readonly offset: string;
  readonly jobRow: number;
}

/** Reads the product's tables past the product. */
export class StoreReader {
  private constructor(private readonly session: CassandraSession) {}

  static async connect(contactPoints: string, keyspace: string): Promise<StoreReader> {
    const session = createCassandra({
      contactPoints: contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace,
    });
    await connectWhenReady(session, AbortSignal.timeout(CONNECT_MS));
    return new StoreReader(session);
  }

  /** A text column of every row that has it, by the row's id. */
  async texts(table: string, idColumn: string, column: string): Promise<Map<string, string>> {
    const [id, value] = [identifier(idColumn), identifier(column)];
    const select = `SELECT ${id} AS id, ${value} AS value FROM ${qualified(this.session.keyspace, table)}`;
    const texts = new Map<string, string>();
    for await (const page of this.pages(select)) {
      for (const row of page) if (row['value'] !== null) texts.set(String(row['id']), row['value'] as string);
    }
    return texts;
  }

  /** Every row of the table by its id (`idColumn`, which must be unique in it). */
  async rows(table: string, idColumn: string): Promise<Map<string, StoredRow>> {
    const select =
      `SELECT ${identifier(idColumn)} AS id, kafka_partition, kafka_offset, job_row, ` +
      `WRITETIME(kafka_partition) AS write_time FROM ${qualified(this.session.keyspace, table)}`;
    const stored = new Map<string, StoredRow>();
    for await (const page of this.pages(select)) {
      for (const row of page) {
        stored.set(String(row['id']), {
          writeTimeMicros: BigInt(String(row['write_time'])),
          partition: Number(row['kafka_partition']),
          offset: String(row['kafka_offset']),
          jobRow: Number(row['job_row']),
        });
      }
    }
    return stored;
  }

  /** How many rows there are, read in pieces of the ring: a table with a million deletions is not answered at once. */
  async count(table: string): Promise<number> {
    const columns = (await this.columns(table)).filter(({ kind }) => kind === 'partition_key');
    const key = columns.sort((a, b) => a.position - b.position).map(({ name }) => identifier(name));
    const select = `SELECT ${key.join(', ')} FROM ${qualified(this.session.keyspace, table)}`;
    const token = `token(${key.join(', ')})`;
    let count = 0;
    const statements = {
      after: `${select} WHERE ${token} > ?`,
      between: `${select} WHERE ${token} > ? AND ${token} <= ?`,
    };
    await scanByTokenRange(this.session, statements, (rows) => void (count += rows.length), { pageRows: 5_000 });
    return count;
  }

  /** How many rows have each value of a column; null counts as the text `null`. */
  async tally(table: string, column: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    const select = `SELECT ${identifier(column)} AS value FROM ${qualified(this.session.keyspace, table)}`;
    for await (const page of this.pages(select)) {
      for (const row of page) {
        const value = String(row['value']);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** The whole table as sorted lines of text: every value of every row, and the write time of every cell unless told not to. */
  async image(table: string, { writeTimes = true } = {}): Promise<string[]> {
    const regular = writeTimes ? await this.regularColumns(table) : [];
    const times = regular.map((name) => `WRITETIME(${identifier(name)}) AS written_${name}`);
    const select = `SELECT ${[...(await this.allColumns(table)), ...times].join(', ')} FROM ${qualified(this.session.keyspace, table)}`;
    const lines: string[] = [];
    for await (const page of this.pages(select)) for (const row of page) lines.push(imageOf(row));
    return lines.sort();
  }

  /** These columns of every row, as sorted lines of text: what two tables must agree in, whoever wrote them. */
  async values(table: string, columns: readonly string[]): Promise<string[]> {
    const select = `SELECT ${columns.map(identifier).join(', ')} FROM ${qualified(this.session.keyspace, table)}`;
    const lines: string[] = [];
    for await (const page of this.pages(select)) for (const row of page) lines.push(imageOf(row));
    return lines.sort();
  }

  close(): Promise<void> {
    return this.session.close();
  }

  private pages(select: string): AsyncGenerator<readonly ResultRow[]> {
    return this.session.pages(select, [], { fetchSize: 5_000, requestTimeoutMs: READ_TIMEOUT_MS });
  }

  private async allColumns(table: string): Promise<string[]> {
    return (await this.columns(table)).map(({ name }) => identifier(name)).sort();
  }

  private async regularColumns(table: string): Promise<string[]> {
    return (await this.columns(table)).filter(({ kind }) => kind === 'regular').map(({ name }) => name);
  }

  private async columns(table: string): Promise<{ name: string; kind: string; position: number }[]> {
    const select =
      'SELECT column_name, kind, position FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?';
    const { rows } = await this.session.execute(select, [this.session.keyspace, table]);
    return rows.map((row) => ({
      name: String(row['column_name']),
      kind: String(row['kind']),
      position: Number(row['position']),
    }));
  }
}

const imageOf = (row: ResultRow): string =>
  JSON.stringify(Object.entries(row).map(([name, value]) => [name, value === null ? null : textOf(value)]));

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return value instanceof Map ? imageOf(Object.fromEntries(value) as ResultRow) : String(value);
}
