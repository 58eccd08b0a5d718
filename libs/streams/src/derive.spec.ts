import fc from 'fast-check';
import { compileStream } from './compile-stream.js';
import { defineStream } from './define/define-stream.js';
import type { Row, RowFaults, Value } from './stream.js';
import { MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS } from './values/timestamp.js';

const DERIVED = compileStream(
  defineStream({
    name: 'small',
    description: 'A small stream.',
    key: { fields: ['id'], separator: '|' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'at', type: 'timestamp', required: true },
      { name: 'n', type: 'int' },
      { name: 'money', type: 'decimal' },
    ],
    derived: [
      { name: 'total', type: 'decimal', from: { kind: 'product', of: ['n', 'money'] } },
      { name: 'hour', type: 'int', from: { kind: 'hourOf', of: 'at' } },
      { name: 'weekday', type: 'text', from: { kind: 'weekdayOf', of: 'at' } },
    ],
  }),
);

describe('derived columns', () => {
  const derived = (at: number, n: number | undefined, money: string | undefined): Value[] => {
    const row: Row = ['a', at, n, money, undefined, undefined, undefined];
    expect(DERIVED.derive(row)).toBeUndefined();
    return row.slice(4);
  };

  it('are exact products, hours and days of the week in UTC', () => {
    expect(derived(Date.UTC(2017, 9, 2, 10, 56, 33), 3, '0.10')).toEqual(['0.30', 10, 'Monday']);
    expect(derived(-1, 7, '99999999999999999999.99')).toEqual(['699999999999999999999.93', 23, 'Wednesday']);
    expect(derived(0, 0, '-5.5')).toEqual(['0.0', 0, 'Thursday']);
  });

  it('stay unset where an input is, and may not be given then', () => {
    expect(derived(0, undefined, '1')).toEqual([undefined, 0, 'Thursday']);
    const refused = DERIVED.readJson({ id: 'a', at: 0, total: 5 }) as RowFaults;
    expect(refused.faults).toMatchObject([{ code: 'derived_mismatch', column: 'total', value: '5' }]);
  });

  it('agree with the calendar of the platform at every moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_TIMESTAMP_MS, max: MAX_TIMESTAMP_MS }), (ms) => {
        const date = new Date(ms);
        const weekday = date.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' });
        expect(derived(ms, undefined, undefined).slice(1)).toEqual([date.getUTCHours(), weekday]);
      }),
    );
  });
});
