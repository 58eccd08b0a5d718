import type { BucketKey, BucketValues, SlotValues } from './bucket.js';
import { newestOf } from './bucket.js';
import { placeOfAccount, placesOfCategory, type CellPlace } from './bucket-keys.js';
import { DecimalSum } from './decimal-sum.js';
import { ProductList } from './product-list.js';
import type { Sample, StatsCell } from './stats-cell.js';
import type { StatsFold } from './stats-fold.js';

/** What records add to one bucket. */
export interface BucketGain {
  /** the same for the same bucket of a partition */
  readonly id: string;
  readonly key: BucketKey;
  readonly values: BucketValues;
}

/** What the records of a fold add to each bucket they belong to. */
export function gainsOf(fold: StatsFold): BucketGain[] {
  const sumById = new Map<string, BucketSum>();
  const add = (cell: StatsCell, place: CellPlace): void => {
    const id = bucketId(place.key);
    let sum = sumById.get(id);
    if (!sum) sumById.set(id, (sum = new BucketSum(place.key)));
    sum.add(cell, place);
  };
  for (const cell of fold.categories) for (const place of placesOfCategory(cell)) add(cell, place);
  return [
    ...Array.from(sumById, ([id, sum]) => ({ id, key: sum.key, values: sum.values() })),
    ...fold.accounts.map(gainOfAccount),
  ];
}

/** A cell is all of what a fold has for the bucket of an account; there may be one for every record. */
function gainOfAccount(cell: StatsCell): BucketGain {
  const { key, slot } = placeOfAccount(cell);
  const { count, quantity, revenue, products } = cell;
  const values = {
    offset: cell.lastOffset,
    slots: [{ slot, count, quantity: quantity.toString(), revenue: revenue.toString() }],
    products: products.names,
    moreProducts: products.hasMore,
    samples: [],
  };
  return { id: bucketId(key), key, values };
}

export const bucketId = ({ shard, day, name }: BucketKey): string => `${shard}/${day}/${name}`;

interface SlotSum {
  count: number;
  readonly quantity: DecimalSum;
  readonly revenue: DecimalSum;
}

class BucketSum {
  private offset = -1;
  private readonly sumBySlot = new Map<number, SlotSum>();
  private readonly products = new ProductList();
  private readonly samples: Sample[] = [];

  constructor(readonly key: BucketKey) {}

  add(cell: StatsCell, { slots, hasSamples }: CellPlace): void {
    this.offset = Math.max(this.offset, cell.lastOffset);
    for (const slot of slots) {
      const sum = this.slotAt(slot);
      sum.count += cell.count;
      sum.quantity.addSum(cell.quantity);
      sum.revenue.addSum(cell.revenue);
    }
    this.products.addAll(cell.products);
    if (hasSamples) this.samples.push(...cell.samples);
  }

  values(): BucketValues {
    const slots = Array.from(this.sumBySlot, ([slot, { count, quantity, revenue }]): SlotValues => {
      return { slot, count, quantity: quantity.toString(), revenue: revenue.toString() };
    });
    return {
      offset: this.offset,
      slots: slots.sort((a, b) => a.slot - b.slot),
      products: this.products.names,
      moreProducts: this.products.hasMore,
      samples: newestOf(this.samples),
    };
  }

  private slotAt(slot: number): SlotSum {
    let sum = this.sumBySlot.get(slot);
    if (!sum) this.sumBySlot.set(slot, (sum = { count: 0, quantity: new DecimalSum(), revenue: new DecimalSum() }));
    return sum;
  }
}
