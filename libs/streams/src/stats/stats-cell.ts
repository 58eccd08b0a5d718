import { DecimalSum } from './decimal-sum.js';

/** Names in the list of products of a bucket: the first so many in the order of their text. */
export const MAX_PRODUCTS = 50;
/** Ids of the newest records of a bucket. */
export const MAX_SAMPLES = 5;

/** So many names are kept until they are cut down to what a bucket shows. */
const PRUNE_AT = 4 * MAX_PRODUCTS;

export interface Sample {
  readonly offset: number;
  readonly id: string;
}

/** Records of one category and hour, or of one account and day, as they come. */
export class StatsCell {
  count = 0;
  firstOffset = -1;
  lastOffset = -1;
  readonly quantity = new DecimalSum();
  readonly revenue = new DecimalSum();
  products = new Set<string>();
  moreProducts = false;
  /** the newest, in no order */
  readonly samples: Sample[] = [];
  private sampled = 0;

  constructor(
    /** category or account */
    readonly name: string,
    /** hours or days since the epoch */
    readonly slot: number,
  ) {}

  addProduct(name: string): void {
    this.products.add(name);
    if (this.products.size < PRUNE_AT) return;
    this.products = new Set([...this.products].sort().slice(0, MAX_PRODUCTS));
    this.moreProducts = true;
  }

  /** `offset` grows from call to call. Not every record has an id that can be shown. */
  sample(offset: number, id: string): void {
    this.samples[this.sampled++ % MAX_SAMPLES] = { offset, id };
  }
}
