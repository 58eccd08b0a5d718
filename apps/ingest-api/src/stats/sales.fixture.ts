import type { StatsRow, StoredBucket } from '@orderstream/cassandra';
import { defineStream, type Value } from '@orderstream/streams';
import { TableCount } from './table-count.js';

/** A stream with everything that statistics can count. */
export const SALES = defineStream({
  name: 'sales',
  description: 'x',
  key: { fields: ['id'], separator: '' },
  primaryKey: { partition: ['id'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'time', type: 'timestamp', required: true },
    { name: 'category', type: 'text' },
    { name: 'account_number', type: 'text' },
    { name: 'pieces', type: 'int' },
    { name: 'amount', type: 'decimal' },
    { name: 'items', type: 'text' },
  ],
  stats: {
    time: 'time',
    category: 'category',
    account: 'account_number',
    quantity: 'pieces',
    revenue: 'amount',
    product: { field: 'items', separator: ',' },
  },
});

export interface Sale {
  readonly id: string;
  readonly time: number;
  readonly category: string | undefined;
  readonly account: string;
  readonly pieces: number;
  /** of the amount */
  readonly cents: number;
  readonly partition: number;
}

/** Monday, 5 January 2026, 22:00 UTC */
const FIRST_MS = Date.UTC(2026, 0, 5, 22);
const QUARTER_MS = 900_000;

export const saleOf = (n: number): Sale => ({
  id: `s-${n}`,
  time: FIRST_MS + n * QUARTER_MS,
  category: [undefined, 'a', 'b'][n % 3],
  account: `acc-${(n * 7) % 40}`,
  pieces: n % 5,
  cents: (n * 331) % 10_000,
  partition: n % 2,
});

export function statsRowOf({ partition, ...sale }: Sale): StatsRow {
  const amount = `${Math.floor(sale.cents / 100)}.${String(sale.cents % 100).padStart(2, '0')}`;
  const items = `p${sale.pieces},p${sale.pieces + 1}`;
  const row: Value[] = [sale.id, sale.time, sale.category, sale.account, sale.pieces, amount, items];
  return { row, partition, offset: Number(sale.id.slice(2)), writeTimeMicros: 1 };
}

/** The buckets that these sales make. */
export function bucketsOf(sales: readonly Sale[]): StoredBucket[] {
  const count = new TableCount(SALES);
  count.add(sales.map(statsRowOf));
  return [...count.gains()].map(({ partition, gain }) => ({ partition, key: gain.key, values: gain.values }));
}
