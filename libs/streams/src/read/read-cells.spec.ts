import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { ORDERS } from '../orders.stream.js';
import { RowFaults, type Row } from '../stream.js';

const orders = compileStream(ORDERS);
const BOUNDED = compileStream(
  defineStream({
    name: 'small',
    description: 'A small stream.',
    key: { fields: ['id'], separator: '|' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'n', type: 'int', min: '-5', max: '1000000' },
      { name: 'big', type: 'bigint', min: '-10' },
      { name: 'money', type: 'decimal', max: '1000.5' },
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
const orderCells = (changes: Partial<Record<keyof typeof ORDER, string>> = {}): string[] =>
  Object.values({ ...ORDER, ...changes }).map(String);
const readOrder = orders.readCells(orders.mapHeader(ORDER_HEADER));

describe('a CSV row', () => {
  it('is read by its header, cells of unknown and unnamed columns aside', () => {
    const mapping = orders.mapHeader(['note', ...ORDER_HEADER, '']);
    expect(orders.readCells(mapping)(['anything', ...orderCells(), 'left over'])).toEqual([
      'o-1',
      'Ada Lima',
      'Kite',
      'toys',
      3,
      '9.90',
      Date.UTC(2024, 4, 6, 7, 8, 9),
      undefined,
    ]);
  });

  it('says how many cells it has when the header has another number', () => {
    const result = readOrder(['a', 'b']) as RowFaults;
    expect(codesOf(result)).toEqual([['bad_row_length', undefined]]);
    expect(result.faults[0].reason).toContain('The row has 2 cells, the header 7 columns.');
  });

  it('leaves blank optional cells unset, a text of white space too, and keeps the white space around other texts', () => {
    expect((readOrder(orderCells({ customer_name: '' })) as Row)[1]).toBeUndefined();
    expect((readOrder(orderCells({ customer_name: ' \t\u00a0' })) as Row)[1]).toBeUndefined();
    expect((readOrder(orderCells({ customer_name: ' Ada ' })) as Row)[1]).toBe(' Ada ');
    expect(codesOf(readOrder(orderCells({ product: '   ' })))).toEqual([['missing_value', 'product']]);
    expect((readOrder(orderCells({ quantity: ' 3\t' })) as Row)[4]).toBe(3);
    const optional = BOUNDED.readCells(BOUNDED.mapHeader(['id', 'n']));
    expect(optional(['a', '   '])).toEqual(['a', undefined, undefined, undefined]);
  });

  it('comes back with all that is wrong, in the order of the columns', () => {
    const result = readOrder(
      orderCells({ order_id: '', quantity: '0', price: '-1', timestamp: '2024-02-30', category: '' }),
    );
    expect(codesOf(result)).toEqual([
      ['missing_value', 'order_id'],
      ['missing_value', 'category'],
      ['out_of_range', 'quantity'],
      ['out_of_range', 'price'],
      ['bad_timestamp', 'timestamp'],
    ]);
    expect((result as RowFaults).faults[2]).toEqual({
      code: 'out_of_range',
      reason: 'quantity is "0", but must be at least 1. Correct it and send the row again.',
      column: 'quantity',
      value: '0',
    });
  });

  it('keeps the whole offending value and shows only its beginning in the reason', () => {
    const value = 'x'.repeat(5000);
    const { faults } = readOrder(orderCells({ quantity: value })) as RowFaults;
    expect(faults[0].value).toBe(value);
    expect(faults[0].reason.length).toBeLessThan(250);
  });

  it('misses required fields that are not in the header', () => {
    const read = orders.readCells(orders.mapHeader(['order_id']));
    expect(codesOf(read(['o-1']))).toContainEqual(['missing_value', 'price']);
  });

  it('is refused when it gives a derived value that is not the computed one', () => {
    const read = orders.readCells(orders.mapHeader([...ORDER_HEADER, 'total_amount']));
    expect((read([...orderCells(), '29.7']) as Row)[7]).toBe('29.70');
    expect((read([...orderCells(), '']) as Row)[7]).toBeUndefined();
    expect(codesOf(read([...orderCells(), '29.71']))).toEqual([['derived_mismatch', 'total_amount']]);
    expect(codesOf(read([...orderCells(), 'much']))).toEqual([['bad_decimal', 'total_amount']]);
  });
});

describe('bounds', () => {
  const read = BOUNDED.readCells(BOUNDED.mapHeader(['id', 'n', 'big', 'money']));
  it.each([
    ['-5', '-10', '1000.50', []],
    ['-6', '-11', '1000.51', ['n', 'big', 'money']],
    ['1000000', '9', '-99999', []],
    ['1000001', '-100', '2000', ['n', 'big', 'money']],
  ])('hold n=%s big=%s money=%s to them', (n, big, money, columns) => {
    const result = read(['a', n, big, money]);
    if (columns.length === 0) expect(result).toBeInstanceOf(Array);
    else expect(codesOf(result)).toEqual(columns.map((column) => ['out_of_range', column]));
  });
});
