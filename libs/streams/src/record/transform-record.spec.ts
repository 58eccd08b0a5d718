import { HEADER } from '@orderstream/contracts';
import { builtInStreams } from '../built-in-streams.js';
import { StreamRegistry } from '../stream-registry.js';
import { transformRecord, type SourceRecord } from './transform-record.js';

const registry = new StreamRegistry(builtInStreams());
const orders = registry.byName('orders')!;
const users = registry.byName('users')!;
const NOW_MS = 1_700_000_000_000;
const ORDER = { order_id: 'o-1', product: 'Lamp', category: 'home', quantity: 3, price: '12.50', timestamp: NOW_MS };

function record(value: unknown, more: Partial<SourceRecord> = {}): SourceRecord {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  return { key: Buffer.from('k'), value: bytes, offset: '41999', timestamp: String(NOW_MS), headers: {}, ...more };
}

describe('transformRecord', () => {
  it('stores a plain JSON object of a console producer, derived fields computed', () => {
    const done = transformRecord(orders, record(ORDER));
    expect(done.kind).toBe('upsert');
    if (done.kind !== 'upsert') return;
    const total = orders.columns.findIndex((column) => column.name === 'total_amount');
    expect(done.row[total]).toBe('37.50');
    expect(done.origin).toEqual({ writeTimeMicros: NOW_MS * 1000 + 999, jobId: undefined, jobRow: undefined });
  });

  it('takes write time, job and row from the headers', () => {
    const headers = {
      [HEADER.writeTime]: Buffer.from('1700000000000123'),
      [HEADER.job]: Buffer.from('0b0f7a52-54ff-4a59-9d79-a6f0fc0b2e0a'),
      [HEADER.row]: Buffer.from('7'),
    };
    expect(transformRecord(orders, record(ORDER, { headers }))).toMatchObject({
      origin: { writeTimeMicros: 1700000000000123, jobId: '0b0f7a52-54ff-4a59-9d79-a6f0fc0b2e0a', jobRow: 7 },
    });
  });

  const avro = Buffer.from([0, 0, 0, 0, 9, 2, 65]);
  it.each([
    ['not JSON', { value: Buffer.from('{nope') }, 'decode', 'undecodable'],
    ['NaN', { value: Buffer.from('{"order_id":"a","price":NaN}') }, 'decode', 'undecodable'],
    ['bytes that are not UTF-8', { value: Buffer.from([0x7b, 0xe9, 0x7d]) }, 'decode', 'undecodable'],
    ['zero-length value', { value: Buffer.alloc(0) }, 'decode', 'undecodable'],
    ['unknown Avro id', { value: avro }, 'decode', 'unknown_schema'],
    ['Avro without an id', { value: avro.subarray(0, 3) }, 'decode', 'undecodable'],
    ['an array', { value: Buffer.from('[1]') }, 'transform', 'not_an_object'],
    ['null', { value: Buffer.from('null') }, 'transform', 'not_an_object'],
    ['wrong type', { value: Buffer.from(JSON.stringify({ ...ORDER, quantity: 'many' })) }, 'transform', 'bad_int'],
    [
      'missing field',
      { value: Buffer.from(JSON.stringify({ ...ORDER, product: undefined })) },
      'transform',
      'missing_value',
    ],
    [
      'wrong total',
      { value: Buffer.from(JSON.stringify({ ...ORDER, total_amount: '1' })) },
      'transform',
      'derived_mismatch',
    ],
    ['tombstone', { value: null }, 'decode', 'tombstone_not_supported'],
    ['no record time', { timestamp: '-1' }, 'decode', 'bad_record_time'],
    ['unreadable write time', { headers: { [HEADER.writeTime]: 'soon' } }, 'decode', 'bad_header'],
    ['unknown meaning of blanks', { headers: { [HEADER.blank]: 'burn' } }, 'decode', 'bad_header'],
    ['unreadable job', { headers: { [HEADER.job]: 'mine' } }, 'decode', 'bad_header'],
    [
      'write time two days ahead',
      { headers: { [HEADER.writeTime]: String((NOW_MS + 172_800_000) * 1000) } },
      'decode',
      'write_time_in_future',
    ],
  ] as const)('refuses %s', (_, more, stage, code) => {
    expect(transformRecord(orders, record(ORDER, more as Partial<SourceRecord>))).toMatchObject({
      kind: 'refused',
      stage,
      fault: { code },
    });
  });

  it('takes null for unset, or for a cleared column where the header says so, and never clears a required one', () => {
    const customer = orders.columns.findIndex(({ name }) => name === 'customer_name');
    const nulled = record({ ...ORDER, customer_name: null });
    const clearing = (value: object) => record(value, { headers: { [HEADER.blank]: Buffer.from('clear') } });
    expect(transformRecord(orders, nulled)).toMatchObject({ kind: 'upsert' });
    const rowOf = (done: ReturnType<typeof transformRecord>) => (done.kind === 'upsert' ? done.row : []);
    expect(rowOf(transformRecord(orders, nulled))[customer]).toBeUndefined();
    expect(rowOf(transformRecord(orders, clearing({ ...ORDER, customer_name: null })))[customer]).toBeNull();
    expect(rowOf(transformRecord(orders, clearing(ORDER)))[customer]).toBeUndefined();
    expect(transformRecord(orders, clearing({ ...ORDER, product: null }))).toMatchObject({
      fault: { code: 'missing_value', column: 'product' },
    });
  });

  it('keeps the job of a record whose write time cannot be used, so that its job counts it as rejected', () => {
    const jobId = '0b0f7a52-54ff-4a59-9d79-a6f0fc0b2e0a';
    const headers = { [HEADER.writeTime]: 'soon', [HEADER.job]: jobId, [HEADER.row]: '7' };
    expect(transformRecord(orders, record(ORDER, { headers }))).toMatchObject({
      kind: 'refused',
      origin: { jobId, jobRow: 7 },
    });
  });

  it('deletes by a null value where the message key is the primary key', () => {
    expect(transformRecord(users, record('', { value: null, key: Buffer.from('u1') }))).toMatchObject({
      kind: 'delete',
      key: ['u1'],
    });
  });
});
