import type { StoredBucket } from '@orderstream/cassandra';
import { ProblemError, type StatsItem } from '@orderstream/contracts';
import {
  ALL_SHARD,
  DecimalSum,
  FIRST_WEEKDAY_SLOT,
  MAX_PRODUCTS,
  MAX_SAMPLES,
  STATS_GROUPS,
  weekdayOfDay,
  type Sample,
  type SlotValues,
  type StreamDefinition,
} from '@orderstream/streams';
import type { StatsSpan } from './stats-span.js';

export type StatsGroup = (typeof STATS_GROUPS)[number];
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const HOURS = 24;

/** What `by` can be for the stream. */
export const groupsOf = ({ stats = {} }: StreamDefinition): string[] => [
  ...STATS_GROUPS.filter((group) => group !== 'category' || stats.category !== undefined),
  ...(stats.account === undefined ? [] : [stats.account]),
];

/** Throws `bad_parameter` with those there are. */
export function checkGroup(definition: StreamDefinition, by: string): void {
  const groups = groupsOf(definition);
  if (groups.includes(by)) return;
  throw new ProblemError('bad_parameter', `${definition.name} has no statistics by ${by}; it has ${groups.join(', ')}`);
}

/** The numbers of one group while buckets are added to it. */
export class GroupSum {
  private count = 0;
  private readonly quantity = new DecimalSum();
  private readonly revenue = new DecimalSum();
  private readonly products = new Set<string>();
  private moreProducts = false;
  private readonly samples: Sample[] = [];

  addSlot({ count, quantity, revenue }: SlotValues): void {
    this.count += count;
    this.quantity.add(quantity);
    this.revenue.add(revenue);
  }

  addNames({ values: { products, moreProducts, samples } }: StoredBucket): void {
    for (const name of products) this.products.add(name);
    this.moreProducts ||= moreProducts;
    this.samples.push(...samples);
  }

  /** `group` says which one it is. */
  item(
    group: Partial<StatsItem>,
    { stats = {} }: StreamDefinition,
    shown: { names: boolean; samples: boolean },
  ): StatsItem {
    const products = [...this.products].sort();
    return {
      ...group,
      count: this.count,
      quantity: stats.quantity === undefined ? null : numberIfExact(this.quantity.toString()),
      revenue: stats.revenue === undefined ? null : this.revenue.toString(),
      ...(shown.names &&
        stats.product && {
          products: products.slice(0, MAX_PRODUCTS),
          moreProducts: this.moreProducts || products.length > MAX_PRODUCTS,
        }),
      ...(shown.samples && { samples: sampleIds(this.samples) }),
    };
  }
}

/** Adds up buckets of the shard `all`, or of days within a span, by one of the groups that every bucket can tell. */
export class GroupSums {
  private readonly sumByGroup = new Map<string | number, GroupSum>();

  constructor(
    private readonly by: StatsGroup,
    private readonly span: StatsSpan | undefined,
  ) {}

  add(bucket: StoredBucket): void {
    const named = new Set<GroupSum>();
    for (const slot of bucket.values.slots) {
      const group = this.groupOf(bucket, slot.slot);
      if (group === undefined) continue;
      const sum = this.sumOf(group);
      sum.addSlot(slot);
      named.add(sum);
    }
    for (const sum of named) sum.addNames(bucket);
  }

  /** In the order of partitions, names, hours or days of the week, after the group `after`. */
  items(definition: StreamDefinition, after: string | undefined): { readonly id: string; readonly item: StatsItem }[] {
    const { by } = this;
    const names = by === 'partition' || by === 'category';
    const shown = { names, samples: by === 'partition' && this.span === undefined };
    return [...this.sumByGroup]
      .sort(([a], [b]) => order(a, b))
      .filter(([group]) => after === undefined || order(group, by === 'category' ? after : Number(after)) > 0)
      .map(([group, sum]) => ({ id: String(group), item: sum.item(labelOf(by, group), definition, shown) }));
  }

  private groupOf({ key, partition }: StoredBucket, slot: number): string | number | undefined {
    const overall = key.shard === ALL_SHARD;
    const isWeekday = overall && slot >= FIRST_WEEKDAY_SLOT;
    if (this.by === 'weekday' && overall) return isWeekday ? slot - FIRST_WEEKDAY_SLOT : undefined;
    if (isWeekday || (!overall && !this.isWithin(key.day * HOURS + slot))) return undefined;
    switch (this.by) {
      case 'partition':
        return partition;
      case 'category':
        return key.name;
      case 'hour':
        return slot;
      case 'weekday':
        return weekdayOfDay(key.day);
    }
  }

  private isWithin(hour: number): boolean {
    return this.span === undefined || (hour >= this.span.firstHour && hour < this.span.endHour);
  }

  private sumOf(group: string | number): GroupSum {
    let sum = this.sumByGroup.get(group);
    if (!sum) this.sumByGroup.set(group, (sum = new GroupSum()));
    return sum;
  }
}

const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

function labelOf(by: StatsGroup, group: string | number): Partial<StatsItem> {
  if (by === 'weekday') return { weekday: WEEKDAYS[Number(group)]! };
  if (by === 'category') return { category: group === '' ? null : String(group) };
  return by === 'hour' ? { hour: Number(group) } : { partition: Number(group) < 0 ? null : Number(group) };
}

const sampleIds = (samples: readonly Sample[]): string[] =>
  [...new Set([...samples].sort((a, b) => b.offset - a.offset).map(({ id }) => id))].slice(0, MAX_SAMPLES);

function numberIfExact(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? value : text;
}
