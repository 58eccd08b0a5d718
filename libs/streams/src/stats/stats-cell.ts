import { DecimalSum } from './decimal-sum.js';
import { ProductList } from './product-list.js';

/** Ids of the newest records of a bucket. */
export const MAX_SAMPLES = 5;

export interface Sample {
  readonly offset: number;
  readonly id: string;
}

/** Records of one category and hour, or of one account and day, as they come. Samples are kept of the former only. */
export class StatsCell {
  count = 0;
  lastOffset = -1;
  readonly quantity = new DecimalSum();
  readonly revenue = new DecimalSum();
  readonly products = new ProductList();
  /** the newest, in no order */
  readonly samples: Sample[] = [];
  private sampled = 0;

  constructor(
    /** category or account */
    readonly name: string,
    /** hours or days since the epoch */
    readonly slot: number,
  ) {}

  /** `offset` grows from call to call. Not every record has an id that can be shown. */
  sample(offset: number, id: string): void {
    this.samples[this.sampled++ % MAX_SAMPLES] = { offset, id };
  }
}
