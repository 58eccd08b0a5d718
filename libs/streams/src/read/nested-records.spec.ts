import fc from 'fast-check';
import { compileStream } from '../compile-stream.js';
import { RowFaults, type Row } from '../stream.js';
import { BASKETS } from './baskets.fixture.js';

const baskets = compileStream(BASKETS);
const AT = '2026-03-01T23:59:59Z';
const ITEMS = [
  { name: 'Kite', count: 2, price: '9.90' },
  { name: 'Vase', count: 1, price: 0.05 },
];
const BASKET = { id: 'b1', at: AT, items: ITEMS, ship: { city: 'Porto', cost: 3.5, parcel: { weight: 12 } } };
const ITEMS_JSON = '[{"name":"Kite","count":2,"price":"9.90"},{"name":"Vase","count":1,"price":"0.05"}]';
const ROW = ['b1', Date.parse(AT), ITEMS_JSON, 'Porto', '3.5', 12];
const UNSET = [undefined, undefined, undefined, undefined];

const codesOf = (result: Row | RowFaults): [string, string | undefined][] => {
  if (!(result instanceof RowFaults)) throw new Error(`The row was accepted: ${JSON.stringify(result)}`);
  return result.faults.map(({ code, column }) => [code, column]);
};
const readCells = (header: string[], cells: string[]) => baskets.readCells(baskets.mapHeader(header))(cells);
const withItems = (...items: unknown[]) => baskets.readJson({ ...BASKET, items });

describe('a nested JSON record', () => {
  it('is read from its objects and lists', () => {
    expect(baskets.readJson(BASKET)).toEqual([...ROW, ...UNSET]);
  });

  it('is read flat as well, as our own encoder writes it with its derived fields', () => {
    const row = baskets.readJson(BASKET) as Row;
    expect(baskets.derive(row)).toBeUndefined();
    expect(row.slice(6)).toEqual(['2026-03-01', 'Kite,Vase', '19.85', 3]);
    const json = baskets.toJson(row);
    expect(JSON.parse(json)).toMatchObject({
      items: [{ price: '9.90' }, { price: '0.05' }],
      city: 'Porto',
      weight: 12,
    });
    expect(baskets.readJson(JSON.parse(json))).toEqual(row);
  });

  it('takes the flat field where both are there, and a dotted one', () => {
    const { ship, ...flat } = BASKET;
    expect(baskets.readJson({ ...BASKET, city: 'Braga' })).toMatchObject({ 3: 'Braga' });
    expect(baskets.readJson({ ...flat, 'ship.city': 'Faro' })).toMatchObject({ 3: 'Faro' });
    expect(baskets.readJson({ ...flat, ship: JSON.stringify(ship) })).toEqual([...ROW, ...UNSET]);
  });

  it('clears what lies in an object that is null where blanks clear, and leaves it alone otherwise', () => {
    const blank = { ...BASKET, ship: null, city: 'Porto' };
    expect((baskets.readJson(blank) as Row).slice(3, 6)).toEqual(['Porto', undefined, undefined]);
    expect((baskets.readJsonClearing(blank) as Row).slice(3, 6)).toEqual(['Porto', null, null]);
    expect((baskets.readJsonClearing({ ...BASKET, ship: { city: 'P' } }) as Row).slice(3, 6)).toEqual(['P', undefined, undefined]); // prettier-ignore
  });

  it.each<[string, object, [string, string][]]>([
    ['no items', { items: [] }, [['missing_value', 'items']]],
    ['null for items', { items: null }, [['missing_value', 'items']]],
    ['items that are no list', { items: { name: 'x' } }, [['bad_list', 'items']]],
    ['items that are a number', { items: 5 }, [['bad_list', 'items']]],
    ['items that are a text', { items: 'Kite' }, [['bad_list', 'items']]],
    ['an item that is no object', { items: [ITEMS[0], 7] }, [['not_an_object', 'items[1]']]],
    ['an object that is none', { ship: 'Porto' }, [['not_an_object', 'ship']]],
    ['an object that is a list', { ship: ['Porto'] }, [['not_an_object', 'ship']]],
    ['an inner object that is none', { ship: { city: 'x', parcel: 5 } }, [['not_an_object', 'ship.parcel']]],
    ['a bad value in an object', { ship: { city: 'x', cost: 'much' } }, [['bad_decimal', 'cost']]],
    ['a missing one in an object', { ship: { city: '' } }, [['missing_value', 'city']]],
    ['a wrong total', { total: '19.84' }, [['derived_mismatch', 'total']]],
    ['wrong names', { names: 'Vase,Kite' }, [['derived_mismatch', 'names']]],
  ])('is refused with %s', (_, changes, faults) => {
    expect(codesOf(baskets.readJson({ ...BASKET, ...changes }))).toEqual(faults);
  });

  it('names the place in a list, the value and what to do', () => {
    const { faults } = withItems(ITEMS[0], { name: 'x', count: 0, price: 'dear' }) as RowFaults;
    expect(faults).toMatchObject([
      { code: 'out_of_range', column: 'items[1].count', value: '0', reason: expect.stringContaining('items[1].count is "0"') },
      { code: 'bad_decimal', column: 'items[1].price', value: 'dear' },
    ]); // prettier-ignore
    expect(codesOf(withItems({ name: 'x' }))).toEqual([
      ['missing_value', 'items[0].count'],
      ['missing_value', 'items[0].price'],
    ]);
  });

  it('names what it does not know, inside too', () => {
    const odd = {
      ...BASKET,
      note: 1,
      ship: { ...BASKET.ship, by: 'sea', parcel: { size: 1 } },
      items: [{ colour: 1 }],
    };
    expect(baskets.surplusOf(odd)).toEqual(['note', 'ship.by', 'ship.parcel.size', 'items[].colour']);
    expect(baskets.surplusOf(BASKET)).toEqual([]);
    expect(baskets.surplusOf({ ...BASKET, ship: null, items: 'x', 'ship.city': 'Faro' })).toEqual([]);
  });
});

describe('a nested CSV row', () => {
  it.each<[string, string[], string[]]>([
    ['flat headers', ['id', 'at', 'items', 'city', 'cost', 'weight'], ['b1', AT, ITEMS_JSON, 'Porto', '3.5', '12']],
    [
      'dotted headers',
      ['weight', 'Ship.City', 'ship.cost', 'at', 'ID', 'items'],
      ['12', 'Porto', '3.5', AT, 'b1', ITEMS_JSON],
    ],
    ['a JSON cell', ['id', 'at', 'items', 'ship'], ['b1', AT, JSON.stringify(ITEMS), JSON.stringify(BASKET.ship)]],
    [
      'a JSON cell of an inner object',
      ['id', 'at', 'items', 'city', 'cost', 'ship.parcel'],
      ['b1', AT, ` ${JSON.stringify(ITEMS)} `, 'Porto', '3.5', '{"weight":12}'],
    ],
    [
      'a JSON cell beside flat headers, which win',
      ['id', 'at', 'items', 'ship', 'city'],
      ['b1', AT, ITEMS_JSON, JSON.stringify({ ...BASKET.ship, city: 'Braga' }), 'Porto'],
    ],
  ])('is read under %s', (_, header, cells) => {
    expect(baskets.mapHeader(header)).toMatchObject({ missing: [], surplus: [], duplicates: [], matched: 6 });
    expect(readCells(header, cells)).toEqual([...ROW, ...UNSET]);
  });

  it('misses what no header cell can hold, and reports what stands twice', () => {
    expect(baskets.mapHeader(['id', 'at', 'ship']).missing).toEqual(['items']);
    expect(baskets.mapHeader(['id', 'at', 'items']).missing).toEqual(['city']);
    expect(baskets.mapHeader(['ship', 'SHIP', 'city', 'ship.city', 'ship.parcel']).duplicates).toEqual([
      'ship',
      'city',
    ]);
  });

  it.each([
    ['not JSON', '{"city"', [['not_an_object', 'ship']]],
    ['a list', '[1]', [['not_an_object', 'ship']]],
    ['blank', ' ', [['missing_value', 'city']]],
    ['null', 'null', [['missing_value', 'city']]],
    ['without what is required', '{"cost":1}', [['missing_value', 'city']]],
  ])('is refused where its object is %s', (_, cell, faults) => {
    expect(codesOf(readCells(['id', 'at', 'items', 'ship'], ['b1', AT, ITEMS_JSON, cell]))).toEqual(faults);
  });

  it('is read by the options of its upload, inside too', () => {
    const header = ['id', 'at', 'items', 'ship'];
    const reading = baskets.reading({ decimalComma: true, nullValues: ['-'], blank: 'clear' });
    const read = reading.readCells(baskets.mapHeader(header));
    const cells = ['b1', AT, '[{"name":"Kite","count":1,"price":"1,50","constructor":"-"}]', '{"city":"P","cost":"-"}'];
    expect((read(cells) as Row).slice(2, 6)).toEqual(['[{"name":"Kite","count":1,"price":"1.50"}]', 'P', null, undefined]); // prettier-ignore
    expect(codesOf(read([...cells.slice(0, 3), '-']))).toEqual([['missing_value', 'city']]);
  });
});

describe('hostile nested values', () => {
  const bomb = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it.each<[string, string, [string, string][]]>([
    ['a depth bomb', bomb(30_000), [['not_an_object', 'items[0]']]],
    ['a depth bomb in an item', `[{"name":${bomb(30_000)},"count":1,"price":1}]`, [['bad_text', 'items[0].name']]],
    ['a decimal of 400 digits', `[{"name":"x","count":1,"price":"${'9'.repeat(400)}"}]`, [['bad_decimal', 'items[0].price']]],
    ['a number of 400 digits', `[{"name":"x","count":1,"price":${'9'.repeat(400)}}]`, [['bad_decimal', 'items[0].price']]],
    ['a fraction of 400 digits', `[{"name":"x","count":1,"price":0.${'9'.repeat(400)}}]`, [['bad_decimal', 'items[0].price']]],
    ['__proto__ for an item', '[{"__proto__":{"name":"x","count":1,"price":1}}]', [['missing_value', 'items[0].name'], ['missing_value', 'items[0].count'], ['missing_value', 'items[0].price']]],
    ['an exponent', '[{"name":"x","count":1e9999,"price":1}]', [['bad_int', 'items[0].count']]],
  ])('are refused by code: %s', (_, items, faults) => {
    expect(codesOf(readCells(['id', 'at', 'items', 'city'], ['b1', AT, items, 'Porto']))).toEqual(faults);
  }); // prettier-ignore

  it('of an object cell read nothing that it has not as its own', () => {
    const header = ['id', 'at', 'items', 'ship'];
    const read = (ship: string) => readCells(header, ['b1', AT, ITEMS_JSON, ship]);
    expect(codesOf(read('{"__proto__":{"city":"x"}}'))).toEqual([['missing_value', 'city']]);
    expect(codesOf(read(bomb(30_000)))).toEqual([['not_an_object', 'ship']]);
    expect((read('{"city":"x","__proto__":{"cost":5}}') as Row)[4]).toBeUndefined();
    expect(({} as Record<string, unknown>)['cost']).toBeUndefined();
  });

  it('bring a bounded number of faults, however long the list is', () => {
    const { faults } = withItems(...Array.from({ length: 50_000 }, () => 1)) as RowFaults;
    expect(faults.length).toBeLessThan(50);
  });

  it('never make a reader throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (items, ship, parcel) => {
        for (const value of [{ ...BASKET, items, ship }, { ...BASKET, ship: { city: 'x', parcel } }, withItem(items)]) {
          const read = baskets.readJson(value);
          if (Array.isArray(read)) expect(baskets.derive(read)).toBeUndefined();
        }
      }),
    );
  });

  const withItem = (item: unknown) => ({ ...BASKET, items: [item] });
});

/** An exact decimal as whole units of 10^-40. */
const SCALE = 40n;
function unitsOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const units = BigInt(whole + fraction) * 10n ** (SCALE - BigInt(fraction.length));
  return decimal.startsWith('-') ? -units : units;
}

describe('totals of a list', () => {
  const prices = fc
    .tuple(fc.bigInt(0n, 10n ** 18n - 1n), fc.option(fc.bigInt(0n, 10n ** 18n - 1n)))
    .map(([whole, fraction]) => (fraction === null ? String(whole) : `${whole}.${fraction}`));
  const item = fc.record({
    name: fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => name.trim() !== ''),
    count: fc.integer({ min: 1, max: 1_000_000 }),
    price: prices,
  });

  it('equal an independent computation, to the last digit, and come back as they were', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 12 }), (items) => {
        const row = withItems(...items) as Row;
        expect(baskets.derive(row)).toBeUndefined();
        const total = items.reduce((sum, { count, price }) => sum + BigInt(count) * unitsOf(price), 0n);
        expect(unitsOf(row[8] as string)).toBe(total);
        expect(row[9]).toBe(items.reduce((sum, { count }) => sum + count, 0));
        expect(row[7]).toBe(items.map(({ name }) => name).join(','));
        expect(JSON.parse(row[2] as string)).toEqual(items);
        const again = baskets.readJson(JSON.parse(baskets.toJson(row)));
        expect(again).toEqual(row);
        const cells = baskets.columns.map(({ name }, c) => (name === 'at' ? AT : String(row[c] ?? '')));
        expect(readCells(baskets.columns.map(({ name }) => name), cells)).toEqual(row);
      }),
    );
  }); // prettier-ignore

  it('stay exact where the digits of the prices do not overlap, and can be given back', () => {
    const far = [`${'9'.repeat(38)}`, `0.${'0'.repeat(37)}1`];
    const row = withItems(...far.map((price) => ({ name: 'x', count: 2_000_000, price }))) as Row;
    expect(baskets.derive(row)).toBeUndefined();
    expect(row[8]).toBe(`1${'9'.repeat(37)}8000000.${'0'.repeat(31)}2000000`);
    expect(baskets.readJson(JSON.parse(baskets.toJson(row)))).toEqual(row);
  });

  it('that their column cannot hold refuse the row', () => {
    const row = withItems({ name: 'x', count: 2_147_483_647, price: 1 }, { name: 'y', count: 1, price: 1 }) as Row;
    expect(baskets.derive(row)!.faults).toMatchObject([{ code: 'out_of_range', column: 'pieces' }]);
  });

  it('are unset without a list, and may not be given then', () => {
    const row: Row = ['b1', 0, undefined, 'P', undefined, undefined, undefined, undefined, undefined, undefined];
    expect(baskets.derive(row)).toBeUndefined();
    expect(row.slice(6)).toEqual(['1970-01-01', undefined, undefined, undefined]);
    row[2] = null;
    baskets.derive(row);
    expect(row.slice(7)).toEqual([null, null, null]);
  });
});
