import cassandra from 'cassandra-driver';
import { bindBucket } from './bucket-binder.js';
import { driverEncoder } from '../values/driver-encoder.fixture.js';

const { dataTypes } = cassandra.types;
const listOf = (code: number) => ({ code: dataTypes.list, info: { code } });

const VALUES = {
  offset: 41,
  slots: [
    { slot: 3, count: 2, quantity: '7', revenue: '10.50' },
    { slot: 24, count: 9_007_199_254_740_991, quantity: '0', revenue: '-123456789012345678901234567890.12' },
  ],
  products: ['Ångström', ''],
  moreProducts: true,
  samples: [{ offset: 41, id: 'o-1' }],
};
const AT = { source: 's', partition: 2, key: { shard: 'all', name: 'home', day: 0 } };

describe('a bucket', () => {
  it('has the bytes that any other client would read', () => {
    const { params } = bindBucket('INSERT', AT, VALUES);
    const types = [
      ...[{ code: dataTypes.text }, { code: dataTypes.text }, { code: dataTypes.text }],
      ...[{ code: dataTypes.int }, { code: dataTypes.int }, { code: dataTypes.bigint }],
      ...[listOf(dataTypes.int), listOf(dataTypes.bigint), listOf(dataTypes.decimal), listOf(dataTypes.decimal)],
      ...[listOf(dataTypes.text), { code: dataTypes.boolean }, listOf(dataTypes.bigint), listOf(dataTypes.text)],
      { code: dataTypes.bigint },
    ];
    const read = params.map((bytes, i) => driverEncoder.decode(bytes, types[i]!));
    expect(JSON.stringify(read, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))).toBe(
      JSON.stringify([
        ...['s', 'all', 'home', 2, 0, '41n', [3, 24], ['2n', '9007199254740991n'], ['7', '0']],
        ...[['10.50', '-123456789012345678901234567890.12'], ['Ångström', ''], true, ['41n'], ['o-1'], '42n'],
      ]),
    );
  });

  it('is written later the further it has counted', () => {
    const writeTime = (offset: number) => bindBucket('INSERT', AT, { ...VALUES, offset }).params.at(-1)!;
    expect(Buffer.compare(writeTime(41), writeTime(300))).toBe(-1);
  });
});
