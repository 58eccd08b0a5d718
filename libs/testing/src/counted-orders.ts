import type { StatsAnswer, StatsItem } from '@orderstream/contracts';
import type { ApiClient } from './api-client.js';
import type { TopicRecord } from './kafka-topics.js';

/** What statistics need of an order. */
export interface CountedOrder {
  readonly partition: number;
  readonly category: string;
  /** quantity × price in cents */
  readonly cents: bigint;
  readonly quantity: number;
  readonly timestamp: Date;
}

/** One line per group: its name, count, quantity and revenue. */
export type StatsLines = readonly string[];

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Every way to group them by, worked out beside the product: what a topic or a table is held against. */
export function linesOf(orders: readonly CountedOrder[], by: string): StatsLines {
  const sums = new Map<string, { count: number; quantity: number; cents: bigint }>();
  for (const order of orders) {
    const group = groupOf(order, by);
    const sum = sums.get(group) ?? { count: 0, quantity: 0, cents: 0n };
    sum.count++;
    sum.quantity += order.quantity;
    sum.cents += order.cents;
    sums.set(group, sum);
  }
  return [...sums].map(([group, { count, quantity, cents }]) => lineOf(group, count, quantity, cents)).sort();
}

/** The same of what the API answers, all pages of it. */
export async function answeredLines(api: ApiClient, by: string, query = ''): Promise<StatsLines> {
  const items: StatsItem[] = [];
  for (let cursor = ''; ;) {
    const path = `/streams/orders/stats?by=${by}&limit=7${query}${cursor}`;
    const { status, body } = await api.get<StatsAnswer>(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    items.push(...body.items);
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  return items
    .map((item) => lineOf(String(item[by]), item.count, Number(item.quantity), centsOf(item.revenue!)))
    .sort();
}

/** An order as a record of its topic says it. */
export function orderOfRecord({ partition, value }: TopicRecord): CountedOrder {
  return { partition, ...countedOrder(JSON.parse(String(value)) as Record<string, unknown>) };
}

export function countedOrder(fields: Readonly<Record<string, unknown>>): Omit<CountedOrder, 'partition'> {
  const quantity = Number(fields['quantity']);
  const cents = BigInt(quantity) * centsOf(String(fields['price']));
  return { category: String(fields['category']), cents, quantity, timestamp: new Date(fields['timestamp'] as string) };
}

function groupOf({ partition, category, timestamp }: CountedOrder, by: string): string {
  if (by === 'partition') return String(partition);
  if (by === 'category') return category;
  return by === 'hour' ? String(timestamp.getUTCHours()) : WEEKDAYS[timestamp.getUTCDay()]!;
}

const lineOf = (group: string, count: number, quantity: number, cents: bigint): string =>
  `${group}: ${count} records, ${quantity} pieces, ${cents} cents`;

/** Of a decimal with two digits after the point at most. */
function centsOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
}
