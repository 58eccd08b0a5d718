import { builtInStreams } from './built-in-streams.js';
import { compileStream, readKey } from './compile-stream.js';
import { defineStream } from './define/define-stream.js';
import { OLIST_ORDERS } from './olist-orders.stream.js';
import { ORDERS } from './orders.stream.js';
import type { Row } from './stream.js';
import { USERS } from './users.stream.js';

const orders = compileStream(ORDERS);
const olist = compileStream(OLIST_ORDERS);
const users = compileStream(USERS);
const TIMED = compileStream(
  defineStream({
    name: 'small',
    description: 'A small stream.',
    key: { fields: ['id', 'at'], separator: '|' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'at', type: 'timestamp', required: true },
    ],
    derived: [],
  }),
);

describe('message keys', () => {
  it('are the fields in canonical text, joined', () => {
    expect(orders.keyOf(['o-1', 'Ada', 'Kite', 'toys'])).toBe('toys');
    const record = { order_id: 'o', customer_id: 'c', order_status: 's', order_purchase_timestamp: 0 };
    expect(olist.keyOf(olist.readJson(record) as Row)).toBe('c_o');
    expect(TIMED.keyOf(TIMED.readJson({ id: 'a', at: 5 }) as Row)).toBe('a|1970-01-01T00:00:00.005Z');
  });

  it('delete a row only where they are the primary key', () => {
    expect(builtInStreams().filter((definition) => compileStream(definition).takesTombstones)).toEqual([USERS]);
    expect(TIMED.takesTombstones).toBe(false);
    expect(readKey(users, 'u-1')).toEqual(['u-1', ...Array<undefined>(11)]);
    expect(readKey(users, '')).toMatchObject({ faults: [{ code: 'missing_value', column: 'id' }] });
    expect(() => readKey(orders, 'toys')).toThrow('The message key of stream orders is not its primary key.');
  });
});
