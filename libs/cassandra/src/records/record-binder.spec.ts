import type { StreamDefinition } from '@orderstream/streams';
import { UnbindableValueError } from '../values/encode.js';
import { RecordBinder } from './record-binder.js';
import { estimateSize } from './statement.js';

const readings: StreamDefinition = {
  name: 'readings',
  description: '',
  topic: 'readings',
  table: 'sensor_readings',
  partitions: 3,
  key: { fields: ['device_id'], separator: '_' },
  primaryKey: { partition: ['device_id', 'day'], clustering: [{ field: 'time', order: 'desc' }] },
  indexes: [],
  fields: [
    { name: 'device_id', type: 'text', required: true },
    { name: 'day', type: 'date', required: true },
    { name: 'time', type: 'timestamp', required: true },
    { name: 'value', type: 'decimal' },
    { name: 'note', type: 'text' },
  ],
  derived: [],
};
const binder = new RecordBinder(readings, 'ks');
const lineage = { partition: 1, offset: '42', jobId: '6f1f0c52-5b6a-4c0e-9f0b-3d7c5d1f2a10', jobRow: 7 };
const row = ['d1', '2026-11-21', 1_763_000_000_000, '21.50', undefined];

describe('a bound row', () => {
  it('has one param per mark of its statement', () => {
    const { query, params } = binder.insert(row, lineage, 5);
    expect(params).toHaveLength(query.split('?').length - 1);
    const removal = binder.delete(['d1', '2026-11-21', 5], 5);
    expect(removal.params).toHaveLength(removal.query.split('?').length - 1);
  });

  it('leaves unset columns alone and clears null ones', () => {
    expect(binder.insert(row, lineage, 5).params[4]).toBeUndefined();
    expect(binder.insert([...row.slice(0, 4), null], lineage, 5).params[4]).toBeNull();
  });

  it("always names a job, so that the lineage is never half an earlier writer's", () => {
    const { params } = binder.insert(row, { partition: 1, offset: 42n }, 5);
    expect(Buffer.from(params[7]!).toString('hex')).toBe('0'.repeat(32));
    expect(Buffer.from(params[8]!).readInt32BE()).toBe(-1);
    const again = binder.insert(row, lineage, 5).params[7];
    expect(Buffer.from(again!).toString('hex')).toBe(lineage.jobId.replaceAll('-', ''));
  });

  it('tells partitions apart, and only partitions', () => {
    const id = (device: string, day: string, time = 1) =>
      binder.insert([device, day, time, '1', 'x'], lineage, 5).partitionKeyId;
    expect(id('a', '2026-11-21')).toBe(id('a', '2026-11-21', 2));
    expect(id('a', '2026-11-21')).not.toBe(id('a', '2026-11-22'));
    expect(binder.delete(['a', '2026-11-21', 1], 5).partitionKeyId).toBe(id('a', '2026-11-21'));
  });

  it('composes a partition key of several columns as the ring wants it', () => {
    const { partitionKey } = binder.insert(row, lineage, 5);
    expect(Buffer.from(partitionKey).toString('hex')).toBe(
      `0002${Buffer.from('d1').toString('hex')}00` + '00048000506a00'.replace('506a', dayHex()),
    );
  });

  it('counts key columns less than regular ones', () => {
    const { sizeBytes, params } = binder.insert(row, lineage, 5);
    expect(sizeBytes).toBe(50 + 8 + (20 + 6) + (20 + 4) + (20 + 8) + (20 + 16) + (20 + 4));
    expect(estimateSize(params)).toBeGreaterThan(sizeBytes);
  });

  it('is refused when a key column is unset or a value is of another type', () => {
    expect(() => binder.insert([undefined, ...row.slice(1)], lineage, 5)).toThrow(UnbindableValueError);
    expect(() => binder.insert(['d1', '2026-11-21', 1, 'abc', undefined], lineage, 5)).toThrow(UnbindableValueError);
    expect(() => binder.delete(['d1', '2026-11-21'], 5)).toThrow(UnbindableValueError);
  });
});

/** Days since the epoch of the row, four hexadecimal digits. */
function dayHex(): string {
  return (Date.parse('2026-11-21') / 86_400_000).toString(16).padStart(4, '0');
}
