import type { RecountRepository, RollupRepository } from '@orderstream/cassandra';
import { ProblemError, type StatsAnswer, type StatsItem } from '@orderstream/contracts';
import type { StatsQuery } from '@orderstream/contracts/dto';
import { Limiter } from '@orderstream/resilience';
import {
  ALL_SHARD,
  exactSource,
  liveSource,
  shardOfDay,
  statsFingerprint,
  type CompiledStream,
  type StreamRegistry,
} from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import type { AccountPlace, AccountReader } from './account-reader.js';
import type { KnownTopicIds } from './known-topic-ids.js';
import { checkGroup, GroupSums, type StatsGroup } from './stats-groups.js';
import { daysOf, spanOf } from './stats-span.js';

interface Source {
  readonly source: string;
  readonly asOf: string | null;
}

/** Days that are read beside each other. */
const SHARDS_AT_ONCE = 31;

type ItemPage = Pick<StatsAnswer, 'items' | 'next'>;

/** Answers from buckets: a few reads, whatever the number of records. */
export class StatsReader {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly rollups: Pick<RollupRepository, 'findShard'>,
    private readonly recounts: Pick<RecountRepository, 'find'>,
    private readonly accounts: AccountReader,
    private readonly topicIds: KnownTopicIds,
  ) {}

  /** Throws `stream_not_found`, `bad_parameter`, `not_recounted`, `store_unavailable` and `broker_unavailable`. */
  async read(name: string, query: StatsQuery): Promise<StatsAnswer> {
    const stream = streamNamed(this.streams, name);
    const { definition } = stream;
    checkGroup(definition, query.by);
    const isAccount = query.by === definition.stats?.account;
    spanOf(query, isAccount ? 'day' : 'hour');
    return orStoreUnavailable(async () => {
      const { source, asOf } = await (query.kind === 'exact' ? this.exactOf(stream) : this.liveOf(stream));
      const page = await (isAccount
        ? this.readAccounts(stream, query, source)
        : this.readGroups(stream, query, source));
      return { stream: stream.name, by: query.by, kind: query.kind, asOf, ...page };
    });
  }

  private async readGroups({ definition }: CompiledStream, query: StatsQuery, source: string): Promise<ItemPage> {
    const span = spanOf(query, 'hour');
    const sums = new GroupSums(query.by as StatsGroup, span);
    const shards = span ? daysOf(span).map(shardOfDay) : [ALL_SHARD];
    const limiter = new Limiter(SHARDS_AT_ONCE);
    const addShard = async (shard: string): Promise<void> => {
      for (const bucket of await this.rollups.findShard(source, shard)) sums.add(bucket);
    };
    await Promise.all(shards.map((shard) => limiter.run(() => addShard(shard))));
    const after = query.cursor === undefined ? undefined : cursorIn<string>(query.cursor, isText);
    return pageOf(sums.items(definition, after), query.limit);
  }

  private async readAccounts({ definition }: CompiledStream, query: StatsQuery, source: string): Promise<ItemPage> {
    const after = query.cursor === undefined ? undefined : cursorIn<AccountPlace>(query.cursor, isPlace);
    const span = spanOf(query, 'day');
    const found = await this.accounts.read(definition, { source, span, after, limit: query.limit });
    return pageOf(
      found.map(({ place, item }) => ({ id: place, item })),
      query.limit,
    );
  }

  private async liveOf({ topic, definition }: CompiledStream): Promise<Source> {
    return { source: liveSource(await this.topicIds.idOf(topic), definition), asOf: null };
  }

  private async exactOf({ name, definition }: CompiledStream): Promise<Source> {
    const recount = await this.recounts.find(name);
    if (recount?.stats === statsFingerprint(definition))
      return { source: exactSource(recount.id), asOf: new Date(recount.asOfMs).toISOString() };
    throw new ProblemError(
      'not_recounted',
      `the table of ${name} was not counted yet, or other fields of it were; POST /streams/${name}/stats/recount`,
    );
  }
}

function pageOf(found: readonly { readonly id: unknown; readonly item: StatsItem }[], limit: number): ItemPage {
  const items = found.slice(0, limit).map(({ item }) => item);
  const next = found.length > limit ? Buffer.from(JSON.stringify(found[limit - 1]!.id)).toString('base64url') : null;
  return { items, next };
}

function cursorIn<T>(cursor: string, fits: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (fits(value)) return value;
  } catch {
    // it is none of ours
  }
  throw new ProblemError('bad_parameter', 'cursor is not a `next` of this list; leave it out to begin at the first');
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isPlace = (value: unknown): value is AccountPlace =>
  typeof value === 'object' &&
  value !== null &&
  'shard' in value &&
  'account' in value &&
  isText(value.shard) &&
  isText(value.account);
