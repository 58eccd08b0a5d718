import { ProblemError, type Page } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import {
  askSources,
  type AskedSource,
  type AskedSources,
  type LeftOut,
  type OrderFilters,
  type OrderSource,
} from './order-sources.js';
import { comparePlaces, placeOf, type ListedOrder, type OrderPlace } from './order-sorting.js';
import { openCursor, sealCursor } from './sealed-cursor.js';

export interface OrderPage extends Page<ListedOrder> {
  /** streams whose orders these are */
  readonly answeredBy: readonly string[];
  /** streams that cannot answer these filters */
  readonly leftOut: readonly LeftOut[];
  /** `none`: the answer is too long to be sorted, and comes in the order of the tables, one stream after the other */
  readonly order: 'newest-first' | 'none';
}

export interface OrderListRequest extends OrderFilters {
  readonly limit: number;
  readonly cursor?: string;
}

/** Where the next page begins: behind an order of the sorted answer, or in the answer of one stream. */
type ListCursor = { readonly behind: OrderPlace } | { readonly stream: string; readonly pageState: string | null };

interface PlacedOrder {
  readonly order: ListedOrder;
  readonly place: OrderPlace;
}

/** Up to so many orders are read whole and sorted; no table keeps all orders by time. */
const SORTED_ORDERS = 1_000;
/** An answer that was sorted on its first page, and has grown since. */
const GROWN_ORDERS = 2 * SORTED_ORDERS;

/** Orders of all streams by customer, status and time. */
export class OrderList {
  constructor(private readonly sources: readonly OrderSource[]) {}

  /** Throws `bad_parameter`, `unanswerable_filter` and `store_unavailable`. */
  async page({ limit, cursor, ...filters }: OrderListRequest): Promise<OrderPage> {
    const sources = askSources(this.sources, filters);
    const identity = JSON.stringify([filters.customer_id, filters.status, filters.from, filters.to]);
    const from = cursor === undefined ? undefined : (JSON.parse(openCursor(identity, cursor).toString()) as ListCursor);
    return orStoreUnavailable(async () => {
      const listed =
        from && 'stream' in from
          ? await unsorted(sources, limit, from)
          : ((await sorted(sources, limit, from?.behind)) ?? (await unsorted(sources, limit)));
      const { items, next, order } = listed;
      return {
        items,
        next: next && sealCursor(identity, Buffer.from(JSON.stringify(next))),
        answeredBy: sources.asked.map(({ stream }) => stream.name),
        leftOut: sources.leftOut,
        order,
      };
    });
  }
}

interface Listed {
  readonly items: readonly ListedOrder[];
  readonly next: ListCursor | null;
  readonly order: OrderPage['order'];
}

/** Undefined when there are too many of them to be sorted. */
async function sorted({ asked }: AskedSources, limit: number, behind?: OrderPlace): Promise<Listed | undefined> {
  const most = behind ? GROWN_ORDERS : SORTED_ORDERS;
  const found: PlacedOrder[] = [];
  for (const source of asked) {
    const { records, pageState } = await source.questions.page(source.plan, most + 1 - found.length);
    for (const { record } of records)
      found.push({ order: { stream: source.stream.name, record }, place: placeOf(source.stream, record) });
    if (found.length <= most && pageState === undefined) continue;
    if (behind) throw grown();
    return undefined;
  }
  found.sort((a, b) => comparePlaces(a.place, b.place));
  const left = behind ? found.filter(({ place }) => comparePlaces(place, behind) > 0) : found;
  const items = left.slice(0, limit);
  const last = left.length > limit ? items.at(-1)! : undefined;
  return { items: items.map(({ order }) => order), next: last ? { behind: last.place } : null, order: 'newest-first' };
}

/** One stream after the other, in the order of its table. */
async function unsorted(
  { asked }: AskedSources,
  limit: number,
  from?: { readonly stream: string; readonly pageState: string | null },
): Promise<Listed> {
  const items: ListedOrder[] = [];
  const first = from ? asked.findIndex(({ stream }) => stream.name === from.stream) : 0;
  let begin = from?.pageState ?? undefined;
  for (const [at, { stream, questions, plan }] of asked.entries()) {
    if (at < first) continue;
    const { records, pageState } = await questions.page(plan, limit - items.length, begin);
    items.push(...records.map(({ record }) => ({ stream: stream.name, record })));
    if (pageState !== undefined) return { items, next: { stream: stream.name, pageState }, order: 'none' };
    const following: AskedSource | undefined = asked[at + 1];
    if (items.length >= limit && following)
      return { items, next: { stream: following.stream.name, pageState: null }, order: 'none' };
    begin = undefined;
  }
  return { items, next: null, order: 'none' };
}

function grown(): ProblemError {
  const detail =
    'there are many more of these orders than when the first page was read; leave the cursor out to begin again';
  return new ProblemError('bad_parameter', detail, { errors: [{ parameter: 'cursor', detail }] });
}
