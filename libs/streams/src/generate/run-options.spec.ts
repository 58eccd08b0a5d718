import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { builtInStreams } from '../built-in-streams.js';
import { compileStream } from '../compile-stream.js';
import { OLIST_ORDERS } from '../olist-orders.stream.js';
import { ORDERS } from '../orders.stream.js';
import { READINGS } from '../readings.stream.js';
import { RowFaults, type CompiledStream, type Row } from '../stream.js';
import { TRANSACTIONS } from '../transactions.stream.js';
import { USERS } from '../users.stream.js';
import { createGenerator, type GeneratorOptions, type RowGenerator } from './create-generator.js';
import { hexOf, indexOfHex, saltOf } from './dice.js';

const streams = builtInStreams().map((definition) => [definition.name, compileStream(definition)] as const);
const PLAIN = { seed: 1, startTimeMs: Date.UTC(2024, 0, 1), ratePerSecond: 50 };

const generatorOf = (stream: CompiledStream, options: Partial<GeneratorOptions> = {}): RowGenerator =>
  createGenerator(stream, { ...PLAIN, ...options });
const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const column = (stream: CompiledStream, name: string): number => stream.columns.findIndex((c) => c.name === name);
const columnsNamed = (stream: CompiledStream, names: readonly string[]) => names.map((name) => column(stream, name));
const primaryKeyOf = ({ definition: { primaryKey } }: CompiledStream): string[] => [
  ...primaryKey.partition,
  ...primaryKey.clustering.map(({ field }) => field),
];
const recordOf = (stream: CompiledStream, row: Row): Record<string, unknown> =>
  Object.fromEntries(stream.columns.map(({ name }, c) => [name, row[c]]));

describe.each(streams)('a run of %s', (_, stream) => {
  const shares = fc.record({
    seed: fc.string(),
    updates: fc.integer({ min: 0, max: 900 }).map((n) => n / 1000),
    faults: fc.integer({ min: 0, max: 500 }).map((n) => n / 1000),
  });

  it('updates earlier records that are neither updates nor faults, under their keys and with values of its own', () => {
    fc.assert(
      fc.property(shares, (options) => {
        const generator = generatorOf(stream, options);
        const keys = columnsNamed(stream, [...primaryKeyOf(stream), ...stream.definition.key.fields]);
        let equal = 0;
        for (const index of indexes(250)) {
          const subject = generator.subjectOf(index);
          expect(generator.subjectOf(subject)).toBe(subject);
          if (subject === index) continue;
          expect(subject).toBeLessThan(index);
          expect([generator.isFault(index), generator.isFault(subject)]).toEqual([false, false]);
          const [row, old] = [generator.row(index), generator.row(subject)];
          expect(keys.map((c) => row[c])).toEqual(keys.map((c) => old[c]));
          expect(stream.keyOf(row)).toBe(stream.keyOf(old));
          if (isDeepStrictEqual(row, old)) equal += 1;
        }
        // A reading has one value beside its key, of 1,170,001: one of 250 may be drawn again, two hardly ever are.
        expect(equal).toBeLessThanOrEqual(stream.name === READINGS.name ? 1 : 0);
      }),
      { numRuns: 8 },
    );
  });

  it('has faults that its own stream refuses, and no others', () => {
    fc.assert(
      fc.property(shares, (options) => {
        const generator = generatorOf(stream, options);
        for (const index of indexes(200)) {
          const read = stream.readJson(JSON.parse(stream.toJson(generator.row(index))));
          expect(read instanceof RowFaults).toBe(generator.isFault(index));
          expect(stream.readJson(JSON.parse(stream.toJson(generator.soundRow(index))))).not.toBeInstanceOf(RowFaults);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('reads the index of a record back from its key, and of no other run', () => {
    const generator = generatorOf(stream, { updates: 0.3 });
    const other = generatorOf(stream, { updates: 0.31 });
    for (const index of [...indexes(500), 2 ** 31 - 1]) {
      const record = recordOf(stream, generator.row(index));
      expect(generator.indexOf(record)).toBe(generator.subjectOf(index));
      expect(other.indexOf(record)).toBeUndefined();
    }
    const bare = Object.fromEntries(primaryKeyOf(stream).map((name) => [name, `${generator.runKey}-1x`]));
    expect([generator.indexOf(bare), generator.indexOf({})]).toEqual([undefined, undefined]);
  });

  it('has another key when any of its options is another one, and the old key without them', () => {
    const ramp = { from: 50, to: 500, durationMs: 60_000 };
    const all: Partial<GeneratorOptions>[] = [
      {},
      { updates: 0.1 },
      { faults: 0.1 },
      { ratePerSecond: ramp },
      { ratePerSecond: { ...ramp, durationMs: 60_001 } },
      ...(stream.name === USERS.name ? [] : [{ keys: 2 }, { keys: 3 }]),
    ];
    const keys = all.map((options) => generatorOf(stream, options).runKey);
    expect(new Set(keys).size).toBe(all.length);
    expect(generatorOf(stream, { updates: 0, faults: 0 }).runKey).toBe(keys[0]);
    expect(generatorOf(stream, { ratePerSecond: { durationMs: 60_000, to: 500, from: 50 } }).runKey).toBe(keys[3]);
  });
});

describe('the keys of a run', () => {
  const distinct = (stream: CompiledStream, name: string, keys: number): number => {
    const generator = generatorOf(stream, { keys });
    return new Set(indexes(3000).map((index) => generator.row(index)[column(stream, name)])).size;
  };

  it('are so many categories of orders, and so many customers of olist-orders', () => {
    expect([1, 2, 9].map((keys) => distinct(compileStream(ORDERS), 'category', keys))).toEqual([1, 2, 9]);
    expect([1, 20, 100].map((keys) => distinct(compileStream(OLIST_ORDERS), 'customer_id', keys))).toEqual([
      1, 20, 100,
    ]);
    expect(distinct(compileStream(OLIST_ORDERS), 'order_id', 1)).toBe(3000);
  });

  it('are so many accounts of transactions, and so many devices of readings', () => {
    const [transactions, readings] = [compileStream(TRANSACTIONS), compileStream(READINGS)];
    expect([1, 20].map((keys) => distinct(transactions, 'account_number', keys))).toEqual([1, 20]);
    expect([1, 20].map((keys) => distinct(transactions, 'account_holder', keys))[0]).toBe(1);
    expect([1, 20, 100].map((keys) => distinct(readings, 'device_id', keys))).toEqual([1, 20, 100]);
  });

  it('of readings are enough for the rate: no two records of one millisecond have one key', () => {
    const stream = compileStream(READINGS);
    const ratePerSecond = { from: 5_000, to: 10_000, durationMs: 100 };
    expect(() => generatorOf(stream, { keys: 1, ratePerSecond })).toThrow(/at most 5000 records a second; ask for 2/);
    const generator = generatorOf(stream, { keys: 2, ratePerSecond });
    const keys = indexes(5_000).map((index) => generator.row(index).slice(0, 3).join());
    expect(new Set(keys).size).toBe(5_000);
    for (const index of indexes(5_000)) {
      const record = recordOf(stream, generator.row(index));
      expect(generator.indexOf(record)).toBe(index);
      const later = { ...record, time: new Date(Number(record['time']) + 1).toISOString() };
      expect(generator.indexOf(later)).not.toBe(index);
    }
  });

  it.each([
    [ORDERS, 10, /orders has 1 to 9 values of category, got 10/],
    [ORDERS, 0, /1 to 9/],
    [READINGS, 0, /readings has 1 to 1000000000 values of device_id, got 0/],
    [USERS, 5, /every record of stream users has a key of its own/],
  ])('of %j cannot be %d', (definition, keys, message) => {
    expect(() => generatorOf(compileStream(definition), { keys })).toThrow(message);
  });
});

it('event times follow the ramp', () => {
  const stream = compileStream(ORDERS);
  const generator = generatorOf(stream, { ratePerSecond: { from: 10, to: 30, durationMs: 10_000 } });
  const time = (index: number) => Number(generator.row(index)[column(stream, 'timestamp')]) - PLAIN.startTimeMs;
  expect([time(0), time(200), time(230)]).toEqual([0, 10_000, 11_000]);
  expect(time(10)).toBeGreaterThan(900);
});

it.each([{ updates: 0.91 }, { updates: -0.1 }, { updates: NaN }, { faults: 0.51 }, { faults: -1 }])(
  'refuses %j',
  (options) => {
    expect(() => generatorOf(compileStream(ORDERS), options)).toThrow(RangeError);
  },
);

it('a hexadecimal id gives its index back', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (text, index) => {
      const salt = saltOf(text);
      expect(indexOfHex(salt, hexOf(salt, index, 32))).toBe(index);
    }),
  );
});
