import fc from 'fast-check';
import { ALL_SHARD } from '@orderstream/streams';
import { bucketsOf, saleOf, SALES, type Sale } from './sales.fixture.js';
import { checkGroup, GroupSums, type StatsGroup } from './stats-groups.js';
import { daysOf, spanOf, type StatsSpan } from './stats-span.js';

const HOUR_MS = 3_600_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Grouped without a bucket. */
function expected(
  sales: readonly Sale[],
  by: StatsGroup,
): Map<unknown, { count: number; quantity: number; cents: number }> {
  const groups = new Map<unknown, { count: number; quantity: number; cents: number }>();
  for (const { time, category = null, pieces, cents, partition } of sales) {
    const date = new Date(time);
    const group = { partition, category, hour: date.getUTCHours(), weekday: DAYS[date.getUTCDay()] }[by];
    const sum = groups.get(group) ?? { count: 0, quantity: 0, cents: 0 };
    groups.set(group, { count: sum.count + 1, quantity: sum.quantity + pieces, cents: sum.cents + cents });
  }
  return groups;
}

function answered(sales: readonly Sale[], by: StatsGroup, span?: StatsSpan) {
  const sums = new GroupSums(by, span);
  const isDay = (shard: string): boolean => /^\d{4}-/.test(shard);
  for (const bucket of bucketsOf(sales))
    if (span ? isDay(bucket.key.shard) : bucket.key.shard === ALL_SHARD) sums.add(bucket);
  const items = sums.items(SALES, undefined).map(({ item }) => item);
  return new Map(
    items.map((item) => [
      item[by],
      { count: item.count, quantity: item.quantity, cents: Math.round(Number(item.revenue) * 100) },
    ]),
  );
}

const sales = fc.array(fc.nat({ max: 2_000 }).map(saleOf), { maxLength: 60 });
const groups = fc.constantFrom<StatsGroup>('partition', 'category', 'hour', 'weekday');

describe('groups of statistics', () => {
  it('have the numbers of the records themselves', () => {
    fc.assert(fc.property(sales, groups, (given, by) => expect(answered(given, by)).toEqual(expected(given, by))));
  });

  it('have those of a span of hours', () => {
    const hours = fc.tuple(fc.nat({ max: 300 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(sales, groups, hours, (given, by, [after, length]) => {
        const firstHour = Date.UTC(2026, 0, 5) / HOUR_MS + after;
        const span = { firstHour, endHour: firstHour + length };
        const within = given.filter(({ time }) => time >= span.firstHour * HOUR_MS && time < span.endHour * HOUR_MS);
        expect(answered(within, by, span)).toEqual(expected(within, by));
        expect(answered(given, by, span)).toEqual(expected(within, by));
      }),
    );
  });

  it('come in their order, by page, Monday first, and those without a category as null', () => {
    const sums = new GroupSums('category', undefined);
    for (const bucket of bucketsOf([1, 2, 3].map(saleOf)).filter(({ key }) => key.shard === ALL_SHARD))
      sums.add(bucket);
    expect(sums.items(SALES, undefined).map(({ item }) => item.category)).toEqual([null, 'a', 'b']);
    expect(sums.items(SALES, '').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(sums.items(SALES, 'a')[0]!.item).toMatchObject({
      products: ['p2', 'p3'],
      moreProducts: false,
      revenue: '6.62',
    });
    const days = new GroupSums('weekday', undefined);
    const sunday = 4 * 24 * 6;
    for (const bucket of bucketsOf([sunday, 0].map(saleOf)).filter(({ key }) => key.shard === ALL_SHARD))
      days.add(bucket);
    expect(days.items(SALES, undefined).map(({ item }) => item.weekday)).toEqual(['Monday', 'Sunday']);
  });

  it('that a stream does not have are told from those it has', () => {
    expect(() => checkGroup(SALES, 'account_number')).not.toThrow();
    expect(() => checkGroup(SALES, 'id')).toThrow('it has partition, category, hour, weekday, account_number');
    expect(() => checkGroup({ ...SALES, stats: {} }, 'category')).toThrow('it has partition, hour, weekday');
  });
});

describe('a span', () => {
  it('is of whole hours, or days, both ends given, in order and not too long', () => {
    expect(spanOf({}, 'hour')).toBeUndefined();
    const day = { from: '2026-01-05T23:00:00Z', to: '2026-01-07T01:00:00+01:00' };
    const span = spanOf(day, 'hour')!;
    expect(span.endHour - span.firstHour).toBe(25);
    expect(daysOf(span)).toHaveLength(2);
    expect(() => spanOf(day, 'day')).toThrow('whole day');
    expect(() => spanOf({ from: day.to, to: day.from }, 'hour')).toThrow('after');
    expect(() => spanOf({ to: day.from }, 'hour')).toThrow('together');
    expect(() => spanOf({ from: '2026-01-01', to: '2027-01-03' }, 'day')).toThrow('366 days');
    expect(daysOf(spanOf({ from: '2026-01-01', to: '2026-02-01' }, 'day')!)).toHaveLength(31);
  });
});
