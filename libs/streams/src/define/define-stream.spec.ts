import { compileStream } from '../compile-stream.js';
import { builtInStreams } from '../built-in-streams.js';
import type { StreamInput } from '../definition.js';
import { BASKETS } from '../read/baskets.fixture.js';
import { createGenerator } from '../generate/create-generator.js';
import { defineStream, StreamDefinitionError } from './define-stream.js';

const MINIMAL: StreamInput = {
  name: 'card-payments',
  description: 'Payments by card.',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'count', type: 'int' },
    { name: 'paid_at', type: 'timestamp' },
  ],
};

/** The faults of a definition that differs from the minimal one in these properties. */
function faultsOf(changes: object): readonly string[] {
  try {
    defineStream({ ...MINIMAL, ...changes });
  } catch (error) {
    if (error instanceof StreamDefinitionError) return error.faults;
    throw error;
  }
  return [];
}

const withField = (field: object) => ({ fields: [...MINIMAL.fields, field] });
const withFake = (fake: object, field: object = {}) => withField({ name: 'x', type: 'text', fake, ...field });

const LIST = {
  name: 'x',
  type: 'list',
  required: true,
  items: [
    { name: 'n', type: 'int', required: true },
    { name: 'm', type: 'int' },
    { name: 't', type: 'text', required: true },
  ],
} as const;
const withList = (...items: object[]) => withField({ name: 'x', type: 'list', items });
const withDerived = (from: object, type = 'decimal') => ({
  fields: [...MINIMAL.fields, LIST],
  derived: [{ name: 'd', type, from }],
});

const REFUSED: [string, object, RegExp][] = [
  ['a name that is not kebab-case', { name: 'Card_Payments' }, /name "Card_Payments" must be kebab-case/],
  ['a topic Kafka does not take', { topic: 'a b' }, /topic "a b"/],
  ['the topic of dead letters', { topic: 'a.dead-letters' }, /must not end in \.dead-letters/],
  ['a table that is not snake_case', { table: 'Payments' }, /table "Payments" must be snake_case/],
  ['a table with too long a name', { table: 'a'.repeat(49) }, /at most 48/],
  ['no partitions', { partitions: 0 }, /partitions is 0/],
  ['no fields', { fields: [] }, /at least one field/],
  ['a field that is not snake_case', withField({ name: 'paidBy', type: 'text' }), /"paidBy" must be snake_case/],
  ['__proto__ as a field', withField({ name: '__proto__', type: 'text' }), /"__proto__" must be snake_case/],
  ['a lineage column as a field', withField({ name: 'kafka_offset', type: 'bigint' }), /"kafka_offset" has a name/],
  ['a field defined twice', withField({ name: 'id', type: 'text' }), /"id" is defined twice/],
  ['an unknown type', withField({ name: 'x', type: 'float' }), /type "float" must be one of/],
  ['a misspelt property', withField({ name: 'x', type: 'text', requred: true }), /fields\[3\]\.requred is not a known/],
  ['a function', withField({ name: 'x', type: 'text', csv: () => 1 }), /fields\[3\]\.csv must be a list/],
  [
    'a header name of another field',
    withField({ name: 'x', type: 'text', csv: ['Paid At'] }),
    /already means field "paid_at"/,
  ],
  ['bounds of a text', withField({ name: 'x', type: 'text', min: '1' }), /min and max are for int/],
  ['a bound that is no number', withField({ name: 'x', type: 'int', min: '1.5' }), /min "1.5" must be a whole number/],
  ['bounds the wrong way round', withField({ name: 'x', type: 'int', min: '5', max: '4' }), /min 5 is above max 4/],
  ['a key of an unknown field', { key: { fields: ['nope'], separator: '_' } }, /key: "nope" is not a field/],
  ['a key of a field that may be unset', { key: { fields: ['count'], separator: '_' } }, /"count" must be required/],
  ['a key without fields', { key: { fields: [], separator: '_' } }, /key\.fields must name/],
  [
    'an unknown field in the primary key',
    { primaryKey: { partition: ['nope'], clustering: [] } },
    /primaryKey: "nope"/,
  ],
  [
    'a primary key that may be unset',
    { primaryKey: { partition: ['count'], clustering: [] } },
    /"count" must be required/,
  ],
  [
    'a field twice in the primary key',
    { primaryKey: { partition: ['id'], clustering: [{ field: 'id', order: 'asc' }] } },
    /primaryKey: "id" stands twice/,
  ],
  [
    'an unknown clustering order',
    { primaryKey: { partition: ['id'], clustering: [{ field: 'id', order: 'up' }] } },
    /order "up" of "id" must be asc or desc/,
  ],
  ['an index on an unknown field', { indexes: ['nope'] }, /indexes: "nope" is not a field/],
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
    /derived\[0\]\.from\.kind must be one of product/,
  ],
  [
    'a product of one field',
    { derived: [{ name: 'h', type: 'decimal', from: { kind: 'product', of: ['count'] } }] },
    /from\.of must have 2 items/,
  ],
  [
    'a primary key derived from what may be unset',
    {
      derived: [{ name: 'h', type: 'int', from: { kind: 'hourOf', of: 'paid_at' } }],
      primaryKey: { partition: ['id'], clustering: [{ field: 'h', order: 'asc' }] },
    },
    /"h" must be required, or derived from required/,
  ],
  ['an unknown fake', withFake({ kind: 'nope' }), /fake\.kind must be one of/],
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
  ['a derived topic that Kafka does not take', { derivedTopic: 'a b' }, /derivedTopic "a b"/],
  ['a derived topic that is the own one', { derivedTopic: 'card-payments' }, /must be another topic/],
  ['a derived topic of dead letters', { derivedTopic: 'a.dead-letters' }, /derivedTopic .* must not end in/],
  ['a path of one name', withField({ name: 'x', type: 'text', path: ['x'] }), /path must have 2 to 8 names/],
  ['a path of odd names', withField({ name: 'x', type: 'text', path: ['a', '__proto__'] }), /path must have 2 to 8/],
  [
    'a path that is taken',
    {
      fields: [
        ...MINIMAL.fields,
        { name: 'x', type: 'text', path: ['a', 'b'] },
        { name: 'y', type: 'text', path: ['A', 'b'] },
      ],
    },
    /field "y": path A.b already means field "x"/,
  ],
  [
    'a value that is an object too',
    withField({ name: 'x', type: 'text', path: ['count', 'b'] }),
    /"count": count is an/,
  ],
  ['a list without items', withField({ name: 'x', type: 'list' }), /a list needs items/],
  ['items of no list', withField({ name: 'x', type: 'text', items: [] }), /items are for list/],
  ['an item field twice', withList({ name: 'n', type: 'int' }, { name: 'n', type: 'int' }), /"x.n" is defined twice/],
  [
    'a list in a list',
    withList({ name: 'n', type: 'list' }),
    /"x.n": type "list" must be one of text, .*items are flat/,
  ],
  ['a nested item', withList({ name: 'n', type: 'text', path: ['a', 'b'] }), /items\[0\]\.path is not a known/],
  ['an item field that is not snake_case', withList({ name: 'nO', type: 'int' }), /"x.nO" must be snake_case/],
  ['bounds of an item the wrong way round', withList({ name: 'n', type: 'int', min: '2', max: '1' }), /"x.n": min 2/],
  [
    'a fake of an item of another type',
    withList({ name: 'n', type: 'int', fake: { kind: 'eventTime' } }),
    /"x.n": fake eventTime cannot fill int/,
  ],
  [
    'a fake list of items without fakes',
    { fields: [...MINIMAL.fields, { ...LIST, fake: { kind: 'items', min: 1, max: 2 } }] },
    /needs the required n, t of the items to have a fake/,
  ],
  ['too many fake items', { fields: [...MINIMAL.fields, { ...LIST, fake: { kind: 'items', min: 0, max: 101 } }] }, /min and max must be whole numbers from 1 to 100/], // prettier-ignore
  ['a message key that is a list', { fields: [...MINIMAL.fields, LIST], key: { fields: ['x'], separator: '_' } }, /"x" is a list, and no key/], // prettier-ignore
  [
    'a primary key that is a list',
    { fields: [...MINIMAL.fields, LIST], primaryKey: { partition: ['x'], clustering: [] } },
    /primaryKey: "x" is a list/,
  ],
  ['an index on a list', { fields: [...MINIMAL.fields, LIST], indexes: ['x'] }, /indexes: "x" is a list/],
  ['a sum of no list', withDerived({ kind: 'sumOf', list: 'count', of: ['n'] }), /"count" is not a list/],
  [
    'a sum of an unknown field',
    withDerived({ kind: 'sumOf', list: 'x', of: ['no'] }),
    /"no" is not a field of the items/,
  ],
  ['a sum of three', withDerived({ kind: 'sumOf', list: 'x', of: ['n', 'n', 'n'] }), /one field of the items, or two/],
  [
    'a sum of what may be unset',
    withDerived({ kind: 'sumOf', list: 'x', of: ['m'] }),
    /"m" of the items must be required/,
  ],
  [
    'a sum of texts',
    withDerived({ kind: 'sumOf', list: 'x', of: ['t'] }),
    /needs int, bigint, decimal, but "t" is text/,
  ],
  ['a sum into a text', withDerived({ kind: 'sumOf', list: 'x', of: ['n'] }, 'text'), /sumOf makes decimal, or int/],
  [
    'products summed into an int',
    withDerived({ kind: 'sumOf', list: 'x', of: ['n', 'n'] }, 'int'),
    /is decimal, not int/,
  ],
  [
    'a list of numbers',
    withDerived({ kind: 'listOf', list: 'x', of: 'n', separator: ',' }, 'text'),
    /needs text, but "n"/,
  ],
  ['a day into an int', withDerived({ kind: 'dayOf', of: 'paid_at' }, 'int'), /dayOf makes date, not int/],
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
    expect(() => defineStream({ ...MINIMAL, name: 'X' })).toThrow(/stream "X" has 2 faults; correct them/);
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
