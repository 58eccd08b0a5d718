import fc from 'fast-check';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { ORDERS } from '../orders.stream.js';
import { RowFaults, type Row } from '../stream.js';

const orders = compileStream(ORDERS);
const HOSTILE = compileStream(
  defineStream({
    name: 'small',
    description: 'A small stream.',
    key: { fields: ['id'], separator: '|' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'constructor', type: 'text' },
      { name: 'n', type: 'int' },
    ],
    derived: [],
  }),
);

const codesOf = (result: Row | RowFaults): [string, string | undefined][] => {
  if (!(result instanceof RowFaults)) throw new Error(`The row was accepted: ${JSON.stringify(result)}`);
  return result.faults.map(({ code, column }) => [code, column]);
};

const ORDER = {
  order_id: 'o-1',
  customer_name: 'Ada Lima',
  product: 'Kite',
  category: 'toys',
  quantity: 3,
  price: '9.90',
  timestamp: '2024-05-06T07:08:09Z',
};
const ORDER_HEADER = Object.keys(ORDER);
/** An array in an array, deeper than the stack of `JSON.stringify`. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe('a JSON record', () => {
  it.each([
    ['null', null],
    ['an array', [ORDER]],
    ['a text', 'order'],
    ['a number', 5],
    ['a boolean', true],
    ['undefined', undefined],
    ['bytes', Buffer.from('{}')],
  ])('is refused as %s', (_, value) => {
    expect(codesOf(orders.readJson(value))[0]).toEqual(['not_an_object', undefined]);
  });

  it.each<[string, object, [string, string][]]>([
    [
      'no fields at all',
      {},
      ['order_id', 'product', 'category', 'quantity', 'price', 'timestamp'].map((c) => ['missing_value', c]),
    ],
    [
      'null and empty required fields',
      { ...ORDER, order_id: null, product: '' },
      [
        ['missing_value', 'order_id'],
        ['missing_value', 'product'],
      ],
    ],
    ['a text that is an object', { ...ORDER, product: { name: 'Kite' } }, [['bad_text', 'product']]],
    ['a text that is a boolean', { ...ORDER, product: true }, [['bad_text', 'product']]],
    ['an int with a fraction', { ...ORDER, quantity: 1.5 }, [['bad_int', 'quantity']]],
    ['an int that is an array', { ...ORDER, quantity: [3] }, [['bad_int', 'quantity']]],
    ['an int that is a boolean', { ...ORDER, quantity: true }, [['bad_int', 'quantity']]],
    ['a decimal with an exponent', { ...ORDER, price: '1e3' }, [['bad_decimal', 'price']]],
    ['a decimal beyond 2^53', { ...ORDER, price: 1e300 }, [['bad_decimal', 'price']]],
    ['a timestamp that is an object', { ...ORDER, timestamp: {} }, [['bad_timestamp', 'timestamp']]],
    ['a value nested deeper than the stack', { ...ORDER, price: nested(200_000) }, [['bad_decimal', 'price']]],
    ['a wrong derived value', { ...ORDER, total_amount: 1 }, [['derived_mismatch', 'total_amount']]],
  ])('is refused with %s', (_, value, faults) => {
    expect(codesOf(orders.readJson(value))).toEqual(faults);
  });

  it('takes numbers and texts for numbers, and numbers for texts', () => {
    const row = orders.readJson({ ...ORDER, order_id: 42, quantity: '3', price: 9.9, timestamp: 1714979289000 });
    expect(row).toEqual(['42', 'Ada Lima', 'Kite', 'toys', 3, '9.9', 1714979289000, undefined]);
  });

  it('counts own fields only, and is not impressed by __proto__', () => {
    const hostile = JSON.parse('{"id":"a","__proto__":{"n":1,"flag":true}}') as object;
    expect(HOSTILE.readJson(hostile)).toEqual(['a', undefined, undefined]);
    expect(codesOf(orders.readJson(Object.create(ORDER)))).toHaveLength(6);
    expect(HOSTILE.surplusOf(hostile)).toEqual(['__proto__']);
    expect(orders.surplusOf({ ...ORDER, total_amount: 1, note: '' })).toEqual(['note']);
  });

  it('never makes the reader throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.constantFrom(...ORDER_HEADER), fc.jsonValue()), (any, changes) => {
        for (const value of [any, { ...ORDER, ...changes }]) {
          const result = orders.readJson(value);
          expect(result instanceof RowFaults || Array.isArray(result)).toBe(true);
        }
      }),
    );
  });
});
