import fc from 'fast-check';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { OLIST_ORDERS } from '../olist-orders.stream.js';
import { ORDERS } from '../orders.stream.js';
import { RowFaults, type Row, type Value } from '../stream.js';
import { optionFaults, type ReadingOptions } from './reading-options.js';

const orders = compileStream(ORDERS);
const HEADER = ['order_id', 'customer_name', 'product', 'category', 'quantity', 'price', 'timestamp', 'total_amount'];
const CELLS = { order_id: 'o', customer_name: 'Ada', product: 'Kite', category: 'toys', quantity: '3' };
const ORDER = { ...CELLS, price: '1.50', timestamp: '2024-05-06 07:08:09', total_amount: '' };

function read(options: ReadingOptions, changes: Partial<Record<keyof typeof ORDER, string>> = {}): Row | RowFaults {
  return orders.reading(options).readCells(orders.mapHeader(HEADER))(Object.values({ ...ORDER, ...changes }));
}
const valueOf = (result: Row | RowFaults, column: string): Value | RowFaults =>
  result instanceof RowFaults ? result : result[HEADER.indexOf(column)];

const LEDGER = compileStream(
  defineStream({
    name: 'ledger',
    description: 'Inputs that may be blank.',
    key: { fields: ['id'], separator: '_' },
    primaryKey: { partition: ['id'], clustering: [{ field: 'at', order: 'asc' }] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'at', type: 'timestamp', required: true },
      { name: 'n', type: 'int' },
      { name: 'price', type: 'decimal' },
      { name: 'paid', type: 'timestamp' },
    ],
    derived: [
      { name: 'total', type: 'decimal', from: { kind: 'product', of: ['n', 'price'] } },
      { name: 'hour', type: 'int', from: { kind: 'hourOf', of: 'paid' } },
    ],
  }),
);

describe('reading options of an upload', () => {
  it('without any, rows are read as without the call', () => {
    const standard = orders.readCells(orders.mapHeader(HEADER));
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 8, maxLength: 8 }), (cells) => {
        expect(orders.reading({})?.readCells(orders.mapHeader(HEADER))(cells)).toEqual(standard(cells));
      }),
    );
  });

  it('timestampFormat: only that form is read, and the fault names it', () => {
    const options = { timestampFormat: 'M/d/yyyy H:mm' };
    expect(valueOf(read(options, { timestamp: ' 5/6/2024 7:08' }), 'timestamp')).toBe(Date.UTC(2024, 4, 6, 7, 8));
    const { faults } = read(options) as RowFaults;
    expect(faults[0]).toMatchObject({
      code: 'bad_timestamp',
      reason: expect.stringContaining('M/d/yyyy H:mm') as string,
    });
  });

  it.each([
    ['2024-05-06 07:08:09', {}, 11],
    ['2024-05-06', {}, 4],
    ['2024-05-06T07:08:09', {}, 11],
    ['2024-05-06T07:08:09Z', {}, 7],
    ['2024-05-06 07:08:09+02:00', {}, 5],
    ['1714979289000', {}, 7],
    ['5/6/2024 7:08', { timestampFormat: 'M/d/yyyy H:mm' }, 11],
    ['5/6/2024 7:08 +02:00', { timestampFormat: 'M/d/yyyy H:mm ZZ' }, 5],
  ])('timeZone moves %s with %o to hour %i UTC', (timestamp, options, hour) => {
    const ms = valueOf(read({ ...options, timeZone: 'America/New_York' }, { timestamp }), 'timestamp') as number;
    expect(new Date(ms).getUTCHours()).toBe(hour);
  });

  it('decimalComma: a comma, points only between groups before one, and no bare point', () => {
    const price = (text: string) => valueOf(read({ decimalComma: true }, { price: text }), 'price');
    expect(['1,50', '1.234,50', '1.234.567,8', '12', ',5', ' 7,0 '].map(price)).toEqual([
      '1.50',
      '1234.50',
      '1234567.8',
      '12',
      '0.5',
      '7.0',
    ]);
    for (const text of ['1.50', '1.234', '1,2,3', '12.34,5', '1.234.5,6', '1,5e3'])
      expect(price(text)).toMatchObject({ faults: [{ code: 'bad_decimal', value: text }] });
    expect(valueOf(read({ decimalComma: true }, { price: '1,50', total_amount: '4,50' }), 'total_amount')).toBe('4.50');
  });

  it('nullValues mean a blank: unset, or missing where a value is required', () => {
    const options = { nullValues: ['NULL', 'N/A'] };
    expect(valueOf(read(options, { customer_name: ' NULL ' }), 'customer_name')).toBeUndefined();
    expect(valueOf(read(options, { customer_name: 'null' }), 'customer_name')).toBe('null');
    expect(read(options, { price: 'N/A' })).toMatchObject({ faults: [{ code: 'missing_value', column: 'price' }] });
  });

  it('blank=clear: blanks that are given clear, absent ones do not, keys and required ones never', () => {
    const clear = orders.reading({ blank: 'clear' });
    expect(valueOf(read({ blank: 'clear' }, { customer_name: ' ' }), 'customer_name')).toBeNull();
    expect(valueOf(read({ blank: 'clear', nullValues: ['-'] }, { customer_name: '-' }), 'customer_name')).toBeNull();
    expect(valueOf(read({ blank: 'keep' }, { customer_name: '' }), 'customer_name')).toBeUndefined();
    expect(read({ blank: 'clear' }, { product: '' })).toMatchObject({ faults: [{ code: 'missing_value' }] });
    const { customer_name: _, ...rest } = CELLS;
    const json = { ...rest, price: 1.5, timestamp: '2024-05-06' };
    expect((clear.readJson(json) as Row)[1]).toBeUndefined();
    expect((clear.readJson({ ...json, customer_name: null }) as Row)[1]).toBeNull();
    expect(orders.readJson({ ...json, customer_name: null })).toEqual(orders.readJson(json));
    const without = HEADER.filter((name) => name !== 'customer_name');
    const cells = without.map((name) => ORDER[name as keyof typeof ORDER]);
    expect((clear.readCells(orders.mapHeader(without))(cells) as Row)[1]).toBeUndefined();
  });

  it('a cleared input clears what is derived from it, on its way through Kafka too', () => {
    const json = { id: 'a', at: 0, n: null, price: '', paid: null };
    const row = LEDGER.reading({ blank: 'clear' }).readJson(json) as Row;
    const text = LEDGER.toJson(row);
    expect(JSON.parse(text)).toEqual({ id: 'a', at: '1970-01-01T00:00:00.000Z', n: null, price: null, paid: null });
    const arrived = LEDGER.readJsonClearing(JSON.parse(text)) as Row;
    expect(LEDGER.derive(arrived)).toBeUndefined();
    expect(arrived).toEqual(['a', 0, null, null, null, null, null]);
    expect(LEDGER.readJson(JSON.parse(text))).toEqual(['a', 0, ...Array<undefined>(5)]);
  });

  it('says of each option what cannot be used', () => {
    expect(optionFaults({ timestampFormat: 'yyyy-MM-dd', timeZone: 'UTC' })).toEqual([]);
    expect(optionFaults({ timestampFormat: 'YYYY', timeZone: 'Mars/Olympus' })).toMatchObject([
      { option: 'timestampFormat' },
      { option: 'timeZone' },
    ]);
  });

  it('tells of each timestamp whether it names no offset', () => {
    const told: boolean[] = [];
    const reading = compileStream(OLIST_ORDERS).reading({ onTimestamp: (isLocal) => told.push(isLocal) });
    reading.readJson({
      order_purchase_timestamp: '2024-05-06',
      order_approved_at: '2024-05-06T00:00Z',
      order_delivered_carrier_date: 'x',
    });
    expect(told).toEqual([true, false]);
  });
});
