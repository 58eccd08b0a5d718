import type { BucketKey, BucketValues, SlotValues } from '@orderstream/streams';
import type { Statement } from '../records/statement.js';
import type { CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { decimalText } from '../values/decode.js';
import { listIn, numberIn, textIn } from '../values/result-values.js';
import { bindBucket, type BucketAt } from './bucket-binder.js';
import { rollupStatements } from './rollup-statements.js';

export interface StoredBucket {
  readonly partition: number;
  readonly key: BucketKey;
  readonly values: BucketValues;
}

/** Names of one query; Cassandra reads each of them apart. */
const NAMES_AT_ONCE = 100;

/** The buckets of statistics. Every call rejects with the driver's error. */
export class RollupRepository {
  private readonly statements: ReturnType<typeof rollupStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = rollupStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  /** Writes the bucket as it is, unless the table has it with a greater offset. */
  putStatement(at: BucketAt, values: BucketValues): Statement {
    return bindBucket(this.statements.insert, at, values);
  }

  /** Those of these buckets that are there; buckets of one shard and day share a query. */
  async findBuckets(source: string, partition: number, keys: readonly BucketKey[]): Promise<StoredBucket[]> {
    const found = await Promise.all(
      queriesOf(keys).map(({ shard, day, names }) =>
        this.all(this.statements.selectNames, [source, shard, names, partition, day], shard),
      ),
    );
    return found.flat();
  }

  /** All buckets of one shard, of all partitions. */
  findShard(source: string, shard: string): Promise<StoredBucket[]> {
    return this.all(this.statements.selectShard, [source, shard], shard);
  }

  /** The same by page in the order of names, of names after that one; read only as far as they are asked for. */
  async *findAfterName(
    source: string,
    shard: string,
    { after, pageRows }: { readonly after: string | undefined; readonly pageRows: number },
  ): AsyncGenerator<readonly StoredBucket[]> {
    const { selectShard, selectAfterName } = this.statements;
    const query = after === undefined ? selectShard : selectAfterName;
    const params = after === undefined ? [source, shard] : [source, shard, after];
    for await (const rows of this.session.pages(query, params, { fetchSize: pageRows }))
      yield rows.map((row) => bucketIn(row, shard));
  }

  /** For buckets of a source that nobody writes any more. */
  async deleteShard(source: string, shard: string): Promise<void> {
    await this.session.execute(this.statements.deleteShard, [source, shard]);
  }

  private async all(query: string, params: readonly unknown[], shard: string): Promise<StoredBucket[]> {
    const buckets: StoredBucket[] = [];
    for await (const rows of this.session.pages(query, params))
      for (const row of rows) buckets.push(bucketIn(row, shard));
    return buckets;
  }
}

interface NamesQuery extends Omit<BucketKey, 'name'> {
  readonly names: string[];
}

function queriesOf(keys: readonly BucketKey[]): NamesQuery[] {
  const openById = new Map<string, NamesQuery>();
  const queries: NamesQuery[] = [];
  for (const { shard, day, name } of keys) {
    const id = `${shard}/${day}`;
    let open = openById.get(id);
    if (!open || open.names.length >= NAMES_AT_ONCE) {
      open = { shard, day, names: [] };
      openById.set(id, open);
      queries.push(open);
    }
    open.names.push(name);
  }
  return queries;
}

function bucketIn(row: ResultRow, shard: string): StoredBucket {
  return {
    partition: numberIn(row, 'partition')!,
    key: { shard, name: textIn(row, 'name')!, day: numberIn(row, 'day')! },
    values: {
      offset: numberIn(row, 'kafka_offset') ?? -1,
      slots: slotsIn(row),
      products: listIn(row, 'products'),
      moreProducts: row['more_products'] === true,
      samples: samplesIn(row),
    },
  };
}

function slotsIn(row: ResultRow): SlotValues[] {
  const [slots, counts] = [itemsIn(row, 'slots'), itemsIn(row, 'counts')];
  const [quantities, revenues] = [itemsIn(row, 'quantities'), itemsIn(row, 'revenues')];
  return slots.map((slot, i) => ({
    slot: Number(slot),
    count: Number(counts[i]),
    quantity: decimalText(quantities[i]),
    revenue: decimalText(revenues[i]),
  }));
}

function samplesIn(row: ResultRow): BucketValues['samples'] {
  const offsets = itemsIn(row, 'sample_offsets');
  return listIn(row, 'sample_ids').map((id, i) => ({ id, offset: Number(offsets[i]) }));
}

const itemsIn = (row: ResultRow, column: string): readonly unknown[] => listIn(row, column);
