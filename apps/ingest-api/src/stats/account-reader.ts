import type { RollupRepository, StoredBucket } from '@orderstream/cassandra';
import type { StatsItem } from '@orderstream/contracts';
import { accountShards, type StreamDefinition } from '@orderstream/streams';
import { GroupSum } from './stats-groups.js';
import type { StatsSpan } from './stats-span.js';

/** Shards whose first page is read at once: most are read for the few accounts of a small stream. */
const SHARDS_AT_ONCE = 16;
const HOURS = 24;

/** Where a page of accounts begins: behind that account of that shard. */
export interface AccountPlace {
  readonly shard: string;
  readonly account: string;
}

export interface AccountsQuery {
  readonly source: string;
  readonly span: StatsSpan | undefined;
  readonly after: AccountPlace | undefined;
  readonly limit: number;
}

export interface FoundAccount {
  readonly place: AccountPlace;
  readonly item: StatsItem;
}

/** Reads accounts by shard and name, a page at a time. */
export class AccountReader {
  constructor(private readonly rollups: Pick<RollupRepository, 'findAfterName'>) {}

  /** One more than the limit when there are more. Rejects as the store does. */
  async read(definition: StreamDefinition, query: AccountsQuery): Promise<FoundAccount[]> {
    const { after, limit } = query;
    const shards = accountShards().filter((shard) => after === undefined || shard >= after.shard);
    const found: FoundAccount[] = [];
    for (let first = 0; first < shards.length; first += SHARDS_AT_ONCE) {
      const pages = shards
        .slice(first, first + SHARDS_AT_ONCE)
        .map((shard) => ({ shard, rows: this.begin(shard, query) }));
      for (const { shard, rows } of pages)
        for await (const account of accountsIn(rows, query.span)) {
          if (found.length > limit) return found;
          const item = account.sum.item({ [definition.stats!.account!]: account.name || null }, definition, SHOWN);
          found.push({ place: { shard, account: account.name }, item });
        }
    }
    return found;
  }

  /** Its first page is asked for at once. */
  private begin(shard: string, { source, after, limit }: AccountsQuery): AsyncGenerator<readonly StoredBucket[]> {
    const from = after?.shard === shard ? after.account : undefined;
    const pages = this.rollups.findAfterName(source, shard, { after: from, pageRows: limit + 1 });
    const first = pages.next();
    first.catch(() => undefined); // whoever reads on has the error
    return (async function* () {
      const page = await first;
      if (page.done) return;
      yield page.value;
      yield* pages;
    })();
  }
}

const SHOWN = { names: true, samples: false };

/** Buckets come by name: those of one account lie side by side. */
async function* accountsIn(
  pages: AsyncIterable<readonly StoredBucket[]>,
  span: StatsSpan | undefined,
): AsyncGenerator<{ readonly name: string; readonly sum: GroupSum }> {
  let open: { readonly name: string; readonly sum: GroupSum } | undefined;
  for await (const buckets of pages) {
    for (const bucket of buckets) {
      const { name, day } = bucket.key;
      if (span && (day * HOURS < span.firstHour || day * HOURS >= span.endHour)) continue;
      if (open && open.name !== name) yield open;
      if (open?.name !== name) open = { name, sum: new GroupSum() };
      for (const slot of bucket.values.slots) open.sum.addSlot(slot);
      open.sum.addNames(bucket);
    }
  }
  if (open) yield open;
}
