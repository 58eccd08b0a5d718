import { DecimalSum } from './decimal-sum.js';
import { ProductList } from './product-list.js';
import { MAX_SAMPLES, type Sample } from './stats-cell.js';

/** Where a bucket lies; together with the Kafka partition it names it. */
export interface BucketKey {
  /** buckets that are read together: `all`, a day as `2026-01-31`, or `account-07` */
  readonly shard: string;
  /** category or account; '' where it has none */
  readonly name: string;
  /** days since the epoch; 0 in the shard `all` */
  readonly day: number;
}

/** Numbers of one part of a bucket; see `slotsOf…` in bucket-keys.ts. */
export interface SlotValues {
  readonly slot: number;
  readonly count: number;
  /** canonical decimals */
  readonly quantity: string;
  readonly revenue: string;
}

/** Absolute values: all records of the bucket with an offset up to `offset`. Never changed in place. */
export interface BucketValues {
  /** of the last record that is included */
  readonly offset: number;
  /** by slot; those that have records */
  readonly slots: readonly SlotValues[];
  /** sorted */
  readonly products: readonly string[];
  /** there were more than the list has */
  readonly moreProducts: boolean;
  /** newest first */
  readonly samples: readonly Sample[];
}

/** Values of the same bucket together: no order of adding them changes what comes out. */
export function addValues(a: BucketValues, b: BucketValues): BucketValues {
  const products = new ProductList(a.products, a.moreProducts);
  products.addAll({ names: b.products, hasMore: b.moreProducts });
  return {
    offset: Math.max(a.offset, b.offset),
    slots: addSlots(a.slots, b.slots),
    products: products.names,
    moreProducts: products.hasMore,
    samples: b.samples.length === 0 ? a.samples : newestOf([...a.samples, ...b.samples]),
  };
}

export const newestOf = (samples: readonly Sample[]): Sample[] =>
  [...samples].sort((a, b) => b.offset - a.offset).slice(0, MAX_SAMPLES);

/** Both are sorted, and so is what comes out. */
function addSlots(a: readonly SlotValues[], b: readonly SlotValues[]): SlotValues[] {
  const slots: SlotValues[] = [];
  let at = 0;
  for (const before of a) {
    while (at < b.length && b[at]!.slot < before.slot) slots.push(b[at++]!);
    slots.push(b[at]?.slot === before.slot ? addSlot(before, b[at++]!) : before);
  }
  while (at < b.length) slots.push(b[at++]!);
  return slots;
}

const addSlot = (a: SlotValues, b: SlotValues): SlotValues => ({
  slot: a.slot,
  count: a.count + b.count,
  quantity: sumOf(a.quantity, b.quantity),
  revenue: sumOf(a.revenue, b.revenue),
});

function sumOf(a: string, b: string): string {
  const sum = DecimalSum.of(a);
  sum.add(b);
  return sum.toString();
}
