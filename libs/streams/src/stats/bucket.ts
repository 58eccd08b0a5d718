import { DecimalSum } from './decimal-sum.js';
import { MAX_PRODUCTS, MAX_SAMPLES, type Sample } from './stats-cell.js';

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
  const products = unionOf(a.products, b.products);
  return {
    offset: Math.max(a.offset, b.offset),
    slots: addSlots(a.slots, b.slots),
    products: products.slice(0, MAX_PRODUCTS),
    moreProducts: a.moreProducts || b.moreProducts || products.length > MAX_PRODUCTS,
    samples: newestOf([...a.samples, ...b.samples]),
  };
}

/** Sorted by code units, the same on every machine. */
export const sorted = (products: Iterable<string>): string[] => [...products].sort();

export const newestOf = (samples: readonly Sample[]): Sample[] =>
  [...samples].sort((a, b) => b.offset - a.offset).slice(0, MAX_SAMPLES);

/** Most often nothing is new. */
function unionOf(products: readonly string[], more: readonly string[]): readonly string[] {
  const known = new Set(products);
  if (more.every((name) => known.has(name))) return products;
  for (const name of more) known.add(name);
  return sorted(known);
}

function addSlots(a: readonly SlotValues[], b: readonly SlotValues[]): SlotValues[] {
  const bySlot = new Map(a.map((values) => [values.slot, values]));
  for (const values of b) {
    const before = bySlot.get(values.slot);
    bySlot.set(values.slot, before ? addSlot(before, values) : values);
  }
  return [...bySlot.values()].sort((left, right) => left.slot - right.slot);
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
