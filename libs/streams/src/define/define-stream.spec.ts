import { compileStream } from '../compile-stream.js';
import { builtInStreams } from '../built-in-streams.js';
import type { StreamInput } from '../definition.js';
import { BASKETS } from '../read/baskets.fixture.js';
import { createGenerator } from '../generate/create-generator.js';
import { defineStream, StreamDefinitionError } from './define-stream.js';
import { faultsOf, MINIMAL, withField } from './minimal-definition.fixture.js';

const withFake = (fake: object, field: object = {}) => withField({ name: 'x', type: 'text', fake, ...field });

const REFUSED: [string, object, RegExp][] = [
  ['a name that is not kebab-case', { name: 'Card_Payments' }, /^name: "Card_Payments" must be kebab-case/],
  ['a topic Kafka does not take', { topic: 'a b' }, /^topic: "a b"/],
  ['the topic of dead letters', { topic: 'a.dead-letters' }, /must not end in \.dead-letters/],
  ['a table that is not snake_case', { table: 'Payments' }, /^table: "Payments" must be snake_case/],
  ['a table with too long a name', { table: 'a'.repeat(49) }, /at most 48/],
  ['no partitions', { partitions: 0 }, /partitions: is 0/],
  ['no fields', { fields: [] }, /^fields: must have at least one field/],
  ['a field that is not snake_case', withField({ name: 'paidBy', type: 'text' }), /"paidBy" must be snake_case/],
  ['__proto__ as a field', withField({ name: '__proto__', type: 'text' }), /"__proto__" must be snake_case/],
  ['a lineage column as a field', withField({ name: 'kafka_offset', type: 'bigint' }), /"kafka_offset" is a name/],
  [
    'the name of the write time as a field',
    withField({ name: 'write_time', type: 'bigint' }),
    /"write_time" is a name/,
  ],
  [
    'a lineage column as a column',
    withField({ name: 'x', type: 'text', column: 'job_id' }),
    /^fields\.x\.column: "job_id" is a name/,
  ],
  [
    'a column of another field',
    withField({ name: 'x', type: 'text', column: 'count' }),
    /^fields\.x\.column: "count" is the column of field "count"/,
  ],
  [
    'a column that CQL does not take',
    withField({ name: 'x', type: 'text', column: 'a b' }),
    /^fields\.x\.column: "a b" must be/,
  ],
  [
    'a name that is too long for a column',
    withField({ name: 'x'.repeat(49), type: 'text' }),
    /\.name: "x+" must be .* to name a column/,
  ],
  [
    'a JSON name of another field',
    withField({ name: 'x', type: 'text', json: ['Paid At'] }),
    /^fields\.x\.json\[0\]: "Paid At" already means/,
  ],
  ['an empty JSON name', withField({ name: 'x', type: 'text', json: [''] }), /^fields\.x\.json\[0\]: a name is empty/],
  ['a keyspace of a table that is made here', { keyspace: 'ks' }, /^keyspace: is for a table that is not managed/],
  ['a keyspace that CQL does not take', { managed: false, keyspace: 'A b' }, /^keyspace: "A b" must be/],
  ['no lineage in a table that is made here', { lineage: false }, /^lineage: every table that orderstream makes/],
  [
    'no lineage and no cell that is sure',
    { managed: false, lineage: false },
    /^lineage: needs a required field outside/,
  ],
  ['a TTL of no time', { ttl: 0 }, /^ttl: is 0, but must be a whole number of seconds/],
  ['a consistency nobody knows', { consistency: 'MOST' }, /^consistency: "MOST" must be one of LOCAL_ONE/],
  ['write times from an unknown field', { writeTimeFrom: 'nope' }, /^writeTimeFrom: "nope" must be a required field/],
  ['write times that may be unset', { writeTimeFrom: 'paid_at' }, /^writeTimeFrom: "paid_at" must be a required field/],
  ['write times of another type', { writeTimeFrom: 'id' }, /^writeTimeFrom: "id" must be .* of the type timestamp/],
  [
    'write times that a default makes equal',
    { ...withField({ name: 'at', type: 'timestamp', required: true, default: '2026-01-01' }), writeTimeFrom: 'at' },
    /^writeTimeFrom: "at" has a default/,
  ],
  [
    'generated write times in no order',
    {
      ...withField({
        name: 'at',
        type: 'timestamp',
        required: true,
        fake: { kind: 'pastTime', fromYear: 1, toYear: 2 },
      }),
      writeTimeFrom: 'at',
    },
    /^fields\.at\.fake: must be eventTime/,
  ],
  [
    'a default of another type',
    withField({ name: 'x', type: 'int', default: 'a' }),
    /^fields\.x\.default: "a" must be/,
  ],
  ['a default out of bounds', withField({ name: 'x', type: 'int', min: '1', default: '0' }), /inside the bounds/],
  ['a blank default', withField({ name: 'x', type: 'text', default: ' ' }), /^fields\.x\.default: must not be blank/],
  [
    'a default of a list',
    withField({ name: 'x', type: 'list', items: [{ name: 'n', type: 'int' }], default: '[]' }),
    /a list has no default/,
  ],
  ['a field defined twice', withField({ name: 'id', type: 'text' }), /"id" is defined twice/],
  ['an unknown type', withField({ name: 'x', type: 'float' }), /^fields\.x\.type: "float" must be one of/],
  [
    'a misspelt property',
    withField({ name: 'x', type: 'text', requred: true }),
    /^fields\.x\.requred: is not a known property \(known here: name, type, required/,
  ],
  ['a function', withField({ name: 'x', type: 'text', csv: () => 1 }), /^fields\.x\.csv: must be a list/],
  [
    'a header name of another field',
    withField({ name: 'x', type: 'text', csv: ['Paid At'] }),
    /already means field "paid_at"/,
  ],
  ['bounds of a text', withField({ name: 'x', type: 'text', min: '1' }), /min and max are for int/],
  [
    'a bound that is no number',
    withField({ name: 'x', type: 'int', min: '1.5' }),
    /^fields\.x\.min: "1.5" must be a whole number/,
  ],
  ['bounds the wrong way round', withField({ name: 'x', type: 'int', min: '5', max: '4' }), /min 5 is above max 4/],
  [
    'a key of an unknown field',
    { key: { fields: ['nope'], separator: '_' } },
    /^key\.fields\[0\]: "nope" is not a field/,
  ],
  ['a key of a field that may be unset', { key: { fields: ['count'], separator: '_' } }, /"count" must be required/],
  ['a key without fields', { key: { fields: [], separator: '_' } }, /^key\.fields: must name/],
  [
    'an unknown field in the primary key',
    { primaryKey: { partition: ['nope'], clustering: [] } },
    /^primaryKey\.partition\[0\]: "nope"/,
  ],
  [
    'a primary key that may be unset',
    { primaryKey: { partition: ['count'], clustering: [] } },
    /"count" must be required/,
  ],
  [
    'a field twice in the primary key',
    { primaryKey: { partition: ['id'], clustering: [{ field: 'id', order: 'asc' }] } },
    /^primaryKey\.clustering\[0\]\.field: "id" stands twice/,
  ],
  [
    'an unknown clustering order',
    { primaryKey: { partition: ['id'], clustering: [{ field: 'id', order: 'up' }] } },
    /^primaryKey\.clustering\[0\]\.order: "up" must be asc or desc/,
  ],
  ['an index on an unknown field', { indexes: ['nope'] }, /^indexes\[0\]: "nope" is not a field/],
  ['an index on the partition key', { indexes: ['id'] }, /partition key already/],
  ['an order id that cannot be looked up', { orderId: 'count' }, /orderId: "count" must be text or uuid/],
  [
    'a derivation from an unknown field',
    { derived: [{ name: 'h', type: 'int', from: { kind: 'hourOf', of: 'nope' } }] },
    /"nope" is not a field/,
  ],
  [
    'a derivation from another type',
    { derived: [{ name: 'h', type: 'int', from: { kind: 'hourOf', of: 'count' } }] },
    /hourOf needs timestamp, but "count" is int/,
  ],
  [
    'a derivation into another type',
    { derived: [{ name: 'h', type: 'text', from: { kind: 'hourOf', of: 'paid_at' } }] },
    /hourOf makes int, not text/,
  ],
  [
    'an unknown derivation',
    { derived: [{ name: 'h', type: 'int', from: { kind: 'constructor', of: 'paid_at' } }] },
    /^derived\.h\.from\.kind: must be one of product/,
  ],
  [
    'a product of one field',
    { derived: [{ name: 'h', type: 'decimal', from: { kind: 'product', of: ['count'] } }] },
    /from\.of: must have 2 items/,
  ],
  [
    'a primary key derived from what may be unset',
    {
      derived: [{ name: 'h', type: 'int', from: { kind: 'hourOf', of: 'paid_at' } }],
      primaryKey: { partition: ['id'], clustering: [{ field: 'h', order: 'asc' }] },
    },
    /"h" must be required, or derived from required/,
  ],
  ['an unknown fake', withFake({ kind: 'nope' }), /^fields\.x\.fake\.kind: must be one of/],
  ['a fake of another type', withFake({ kind: 'eventTime' }), /eventTime cannot fill text/],
  ['a fake value the field refuses', withFake({ kind: 'oneOf', values: ['a'] }, { type: 'int' }), /value "a" must be/],
  ['weights that do not fit', withFake({ kind: 'oneOf', values: ['a'], weights: [1, 2] }), /2 weights for 1 values/],
  ['a fake out of bounds', withFake({ kind: 'int', min: 0, max: 5 }, { type: 'int', min: '1' }), /inside the bounds/],
  [
    'a fake that depends on itself',
    withFake({ kind: 'after', field: 'x', minMs: 0, maxMs: 1 }, { type: 'timestamp' }),
    /depends on itself/,
  ],
  [
    'a choice by a field that has none',
    withFake({ kind: 'oneOfBy', field: 'id', values: {} }),
    /needs the fake of "id" to be oneOf/,
  ],
  [
    'an event time that is no timestamp',
    { eventTime: 'count' },
    /^eventTime: "count" must be a field of the type timestamp/,
  ],
  ['an order of a stream without order ids', { order: { status: 'count' } }, /order: needs orderId/],
  [
    'a customer of an order that is no field',
    { orderId: 'id', order: { customer: 'nope' } },
    /order\.customer: "nope" is not a field/,
  ],
];

describe('defineStream', () => {
  it('fills in topic, table, partitions, indexes and derived', () => {
    expect(defineStream(MINIMAL)).toEqual({
      ...MINIMAL,
      topic: 'card-payments',
      table: 'card_payments',
      partitions: 3,
      indexes: [],
      derived: [],
    });
  });

  it.each(REFUSED)('refuses %s', (_, changes, message) => {
    expect(faultsOf(changes)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it('lists everything that is wrong in one error', () => {
    const faults = faultsOf({ name: 'X', indexes: ['a', 'b'], key: { fields: ['c'], separator: '_' }, table: 'ok' });
    expect(faults).toHaveLength(4);
    expect(() => defineStream({ ...MINIMAL, name: 'X', partitions: 0 })).toThrow(
      /stream "X" has 2 faults; correct them/,
    );
  });

  it.each([null, undefined, 5, [], {}, { name: 5 }])('refuses %j without falling over', (input) => {
    expect(() => defineStream(input as unknown as StreamInput)).toThrow(StreamDefinitionError);
  });

  it('gives a frozen copy that later changes of the input do not reach', () => {
    const fields = MINIMAL.fields.map((field) => ({ ...field }));
    const definition = defineStream({ ...MINIMAL, fields });
    fields[0]!.name = 'other';
    expect(definition.fields[0]!.name).toBe('id');
    expect(Object.isFrozen(definition)).toBe(true);
    expect(Object.isFrozen(definition.primaryKey.clustering)).toBe(true);
    expect(Object.isFrozen(definition.fields[0])).toBe(true);
    expect(Object.isFrozen(MINIMAL)).toBe(false);
  });

  it.each([...builtInStreams(), BASKETS].map((definition) => [definition.name, definition] as const))(
    'makes plain data: a JSON copy of %s behaves as the original',
    (_, definition) => {
      const copy = JSON.parse(JSON.stringify(definition)) as typeof definition;
      expect(defineStream(copy)).toEqual(definition);
      const streams = [compileStream(definition), compileStream(copy)];
      const options = { seed: 'copy', startTimeMs: 0, ratePerSecond: 3 };
      const [original, copied] = streams.map((stream) => {
        const generator = createGenerator(stream, options);
        return Array.from({ length: 50 }, (_unused, i) => {
          const row = generator.row(i);
          stream.derive(row);
          return [stream.toJson(row), stream.keyOf(row), stream.readJson(JSON.parse(stream.toJson(row)))];
        });
      });
      expect(copied).toEqual(original);
      const header = [...definition.fields.map(({ name }) => name), 'x'];
      expect(streams[1]!.mapHeader(header)).toEqual(streams[0]!.mapHeader(header));
      expect(streams[1]!.readJson({})).toEqual(streams[0]!.readJson({}));
    },
  );
});
