import fc from 'fast-check';
import { builtInStreams } from '../built-in-streams.js';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { addValues, type BucketValues } from './bucket.js';
import { FIRST_WEEKDAY_SLOT, shardOfDay } from './bucket-keys.js';
import { gainsOf } from './bucket-sums.js';
import { DecimalSum } from './decimal-sum.js';
import { StatsFold } from './stats-fold.js';
import { statsShapeOf } from './stats-shape.js';

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
  .map(([unscaled, scale]) => ({ unscaled, scale, text: textOf(unscaled, scale) }));

function textOf(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const sumOf = (texts: readonly string[]): string => {
  const sum = new DecimalSum();
  for (const text of texts) sum.add(text);
  return sum.toString();
};

describe('a sum of decimals', () => {
  it('is exact, whatever their size, scale and order', () => {
    fc.assert(
      fc.property(fc.array(decimals, { maxLength: 40 }), (values) => {
        const scale = Math.max(0, ...values.map((value) => value.scale));
        const exact = values.reduce((sum, value) => sum + value.unscaled * 10n ** BigInt(scale - value.scale), 0n);
        const texts = values.map(({ text }) => text);
        expect(sumOf(texts)).toBe(textOf(exact, scale));
        expect(sumOf([...texts].reverse())).toBe(textOf(exact, scale));
      }),
    );
  });

  it('of sums is the sum of all', () => {
    const texts = fc.array(decimals.map(({ text }) => text));
    fc.assert(
      fc.property(texts, texts, (left, right) => {
        const sum = DecimalSum.of(sumOf(left));
        sum.addSum(DecimalSum.of(sumOf(right)));
        expect(sum.toString()).toBe(sumOf([...left, ...right]));
      }),
    );
  });

  it('passes 2^53 without losing a cent, and does not count what is no number', () => {
    expect(sumOf(Array.from({ length: 2000 }, () => '99999999999.99'))).toBe('199999999999980.00');
    expect(sumOf(['9007199254740991', '1', '-0.01', '5E10', 'x', ''])).toBe('9007199254740991.99');
  });
});

const ORDERS = compileStream(builtInStreams().find(({ name }) => name === 'orders')!);
const order = (n: number) => ({
  order_id: `o-${n}`,
  product: `P${n % 130}`,
  category: ['books', 'toys'][n % 2],
  quantity: (n % 9) + 1,
  price: `${n % 50}.${String(n % 100).padStart(2, '0')}`,
  timestamp: new Date(1_700_000_000_000 + n * 600_000).toISOString(),
});

/** Buckets by their place, of records split into batches at the given positions. */
function bucketsOf(rows: readonly object[], stream = ORDERS, cuts: readonly number[] = []): Map<string, BucketValues> {
  const buckets = new Map<string, BucketValues>();
  const ends = [...new Set([...cuts, rows.length])].sort((a, b) => a - b);
  for (const [i, end] of ends.entries()) {
    const fold = new StatsFold(statsShapeOf(stream.definition));
    for (let n = i === 0 ? 0 : ends[i - 1]!; n < end; n++) {
      const row = stream.readJson(rows[n]);
      if (!Array.isArray(row)) throw new Error(JSON.stringify(row));
      stream.derive(row);
      fold.add(row, 1_700_000_000_000_000 + n, n);
    }
    for (const { id, values } of gainsOf(fold)) {
      const before = buckets.get(id);
      buckets.set(id, before ? addValues(before, values) : values);
    }
  }
  return buckets;
}

describe('the statistics of records', () => {
  it('are the same however the records are cut into batches', () => {
    const rows = Array.from({ length: 400 }, (_, n) => order(n));
    const whole = bucketsOf(rows);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: rows.length })), (cuts) => {
        expect(bucketsOf(rows, ORDERS, cuts)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('count, sum, list and sample what the stream says', () => {
    const buckets = bucketsOf(Array.from({ length: 400 }, (_, n) => order(n)));
    const books = buckets.get('all/0/books')!;
    const slot = (wanted: number) => books.slots.find(({ slot: number }) => number === wanted)!;
    const cents = Array.from({ length: 200 }, (_, i) => 2 * i).map(
      (n) => BigInt((n % 9) + 1) * BigInt((n % 50) * 100 + (n % 100)),
    );
    const sum = cents.reduce((a, b) => a + b, 0n);
    expect(books).toMatchObject({ offset: 398, moreProducts: true });
    const hours = books.slots.filter(({ slot: number }) => number < FIRST_WEEKDAY_SLOT);
    expect(hours.reduce((count, each) => count + each.count, 0)).toBe(200);
    expect(sumOf(hours.map(({ revenue }) => revenue))).toBe(textOf(sum, 2));
    expect(books.products).toHaveLength(50);
    expect(books.samples.map(({ id }) => id)).toEqual(['o-398', 'o-396', 'o-394', 'o-392', 'o-390']);
    // 2023-11-14T22:13:20Z was a Tuesday.
    expect(slot(FIRST_WEEKDAY_SLOT + 1).count).toBe(6);
    expect(slot(22).count).toBeGreaterThan(6);
    const day = buckets.get(`${shardOfDay(19_675)}/19675/books`)!;
    expect(day).toMatchObject({
      offset: 10,
      samples: [],
      slots: [
        { slot: 22, count: 3 },
        { slot: 23, count: 3 },
      ],
    });
  });

  it('of accounts are by day; a date counts from midnight, a list is split, a row without a time by its write time', () => {
    const stream = compileStream(
      defineStream({
        name: 'sales',
        description: 'x',
        key: { fields: ['account'], separator: '' },
        primaryKey: { partition: ['id'], clustering: [] },
        fields: [
          { name: 'id', type: 'text', required: true },
          { name: 'account', type: 'text', required: true },
          { name: 'day', type: 'date' },
          { name: 'items', type: 'text' },
          { name: 'pieces', type: 'bigint' },
        ],
        stats: { time: 'day', account: 'account', quantity: 'pieces', product: { field: 'items', separator: ',' } },
      }),
    );
    const rows = [
      { id: 'a', account: 'x', day: '2026-01-02', items: 'pen, ink', pieces: '9007199254740993' },
      { id: 'b', account: 'x', day: '2026-01-02', items: 'ink,', pieces: '1' },
      { id: 'c', account: 'x' },
    ];
    const day = Date.UTC(2026, 0, 2) / 86_400_000;
    const buckets = bucketsOf(rows, stream);
    const account = (dayOf: number) =>
      [...buckets].find(([id]) => /^account-\d\d\//.test(id) && id.endsWith(`/${dayOf}/x`))![1];
    expect(account(day)).toMatchObject({
      slots: [{ slot: 0, count: 2, quantity: '9007199254740994' }],
      products: ['ink', 'pen'],
    });
    expect(account(19_675).slots).toEqual([{ slot: 0, count: 1, quantity: '0', revenue: '0' }]);
    expect(buckets.get('all/0/')!.slots[0]).toMatchObject({ slot: 0, count: 2 });
  });

  it('have names as the table gives them back: half of a surrogate pair, from JSON or from a cut, has no UTF-8', () => {
    const halves = { category: `${'x'.repeat(199)}😀`, product: '\ud83d' };
    const names = [...bucketsOf([{ ...order(1), ...halves }])].map(([id, { products }]) => [id, ...products]).flat();
    expect(names.map((name) => Buffer.from(name).toString())).toEqual(names);
  });

  it('are cut to what a key can hold', () => {
    const buckets = bucketsOf([{ ...order(1), category: 'x'.repeat(70_000), order_id: 'y'.repeat(300) }]);
    const [total] = [...buckets].filter(([id]) => id.startsWith('all'));
    expect(total![0].length).toBeLessThan(250);
    expect(total![1].samples).toEqual([]);
  });

  it('have the newest ids that can be shown, whatever came between them', () => {
    const ids = ['y'.repeat(300), 'a', 'y'.repeat(300), 'b', 'c', 'd', 'e', 'y'.repeat(300), 'f'];
    const buckets = bucketsOf(ids.map((order_id) => ({ ...order(1), order_id })));
    const [total] = [...buckets].filter(([id]) => id.startsWith('all'));
    expect(total![1].samples.map(({ id }) => id)).toEqual(['f', 'e', 'd', 'c', 'b']);
  });
});

describe('what a definition may say of statistics', () => {
  const definitionOf = (stats: object) => () =>
    defineStream({
      name: 'x',
      description: 'x',
      key: { fields: ['id'], separator: '' },
      primaryKey: { partition: ['id'], clustering: [] },
      fields: [
        { name: 'id', type: 'text', required: true },
        { name: 'hour', type: 'text' },
      ],
      stats,
    });

  it.each([
    [{ time: 'when' }, 'stats.time: "when" is not a field'],
    [{ revenue: 'id' }, 'stats.revenue: "id" must be int or bigint or decimal, not text'],
    [{ account: 'hour' }, 'stats.account: a field "hour" cannot be told from by=hour'],
    [{ product: { field: 'id', separator: '' } }, 'stats.product.separator: must not be empty'],
    [{ colour: 'id' }, 'stats.colour: is not a known property'],
  ])('%j is refused', (stats, fault) => expect(definitionOf(stats)).toThrow(fault));

  it('is plain data', () => {
    for (const definition of builtInStreams()) expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
  });
});
