import { cqlTypeText, parseCqlType } from '../cql/cql-type.js';
import { compileStream } from '../compile-stream.js';
import { defineStream, StreamDefinitionError } from '../define/define-stream.js';
import type { FieldDefinition, StreamInput } from '../definition.js';
import { RowFaults } from '../stream.js';

const PARCELS: StreamInput = {
  name: 'parcels',
  description: 'Parcels, in a table of somebody else.',
  managed: false,
  types: {
    geo: { lat: 'decimal', lon: 'decimal' },
    address: { street: 'text', floor: 'int', seen: 'timestamp', at: 'frozen<geo>' },
  },
  key: { fields: ['id'], separator: '' },
  primaryKey: { partition: ['id'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'tags', type: 'json', cql: 'set<text>' },
    { name: 'weights', type: 'json', cql: 'frozen<list<decimal>>' },
    { name: 'counts', type: 'json', cql: 'map<int, bigint>' },
    { name: 'address', type: 'json', cql: 'frozen<address>' },
    { name: 'labels', type: 'json', cql: 'map<text, text>' },
    { name: 'former', type: 'json', cql: 'frozen<list<address>>' },
  ],
};
const stream = compileStream(defineStream(PARCELS));
const header = PARCELS.fields.map(({ name }) => name);
const readCells = stream.readCells(stream.mapHeader(header));

describe('a field of a collection or a user-defined type', () => {
  it('becomes canonical JSON, from a cell as from JSON', () => {
    const given = {
      id: 'a',
      tags: ['red', 'blue', 'red', ''],
      weights: [1, '2.50'],
      counts: { '07': '9007199254740993' },
      address: { floor: '2', seen: '2026-01-01 00:00:00', at: { lon: '1.0', lat: 2 }, more: 1, street: null },
      labels: { 'a"b': 'x', toString: 'y' },
      former: [{ street: 'A "quoted" one' }, {}],
    };
    const row = [
      'a',
      '["red","blue",""]',
      '["1","2.50"]',
      '{"7":"9007199254740993"}',
      '{"floor":2,"seen":"2026-01-01T00:00:00.000Z","at":{"lat":"2","lon":"1.0"}}',
      '{"a\\"b":"x","toString":"y"}',
      '[{"street":"A \\"quoted\\" one"},{}]',
    ];
    expect(stream.readJson(given)).toEqual(row);
    expect(readCells(header.map((name) => (name === 'id' ? 'a' : JSON.stringify(given[name as 'tags']))))).toEqual(row);
    expect(stream.readJson(JSON.parse(stream.toJson(row)))).toEqual(row);
  });

  it('has its misspelt fields named, wherever its type lies', () => {
    const odd = {
      id: 'a',
      adress: {},
      address: { street: 'A', flor: 1, at: { lat: 1, lng: 2 } },
      former: [{ street: 'B' }, { streat: 'C' }, 'x'],
      labels: { any: 'key' },
      tags: 'none',
    };
    expect(stream.surplusOf(odd)).toEqual(['adress', 'address.flor', 'address.at.lng', 'former[].streat']);
    expect(stream.surplusOf({ id: 'a', address: null, former: 'x' })).toEqual([]);
  });

  it('is a blank where there is nothing in its brackets', () => {
    expect(stream.readJson({ id: 'a', tags: [], counts: {}, address: null, former: '[]', weights: ' ' })).toEqual([
      'a',
      ...Array.from({ length: 6 }, () => undefined),
    ]);
  });

  it.each<[unknown, [string, string]]>([
    [{ tags: { a: 1 } }, ['tags', 'JSON of the type of its column']],
    [{ tags: '[1' }, ['tags', 'JSON of the type of its column']],
    [{ counts: { x: 1 } }, ['counts["x"]', 'a key that is a whole number']],
    [{ counts: { 7: 1, '07': 1 } }, ['counts["07"]', 'a key that stands once']],
    [{ labels: JSON.parse('{"__proto__":"x"}') as unknown }, ['labels["__proto__"]', 'a key that can be read again']],
    [{ former: [{}, 'x'] }, ['former[1]', 'a JSON object']],
    [{ former: [{ at: [] }] }, ['former[0].at', 'a JSON object']],
  ])('refuses %j and says where', (given, [column, expected]) => {
    const faults = stream.readJson({ id: 'a', ...(given as object) });
    expect(faults).toBeInstanceOf(RowFaults);
    const [fault] = (faults as RowFaults).faults;
    expect(fault).toMatchObject({
      code: 'bad_json_value',
      column,
      reason: expect.stringContaining(`, not ${expected}`),
    });
  });

  it.each<[unknown, [string, string]]>([
    [{ tags: ['a', null] }, ['tags[1]', 'bad_text']],
    [{ counts: { 1: '' } }, ['counts["1"]', 'bad_int']],
    [{ address: { at: { lat: 'north' } } }, ['address.at.lat', 'bad_decimal']],
  ])('refuses a value of %j as one of its type', (given, [column, code]) => {
    const faults = stream.readJson({ id: 'a', ...(given as object) });
    expect((faults as RowFaults).faults[0]).toMatchObject({ code, column });
  });

  it('is a blank as well where nothing of it is known, and its fields are blank as others are', () => {
    const blank = ['a', undefined, undefined, undefined, undefined, undefined, undefined];
    for (const address of [{ stret: 'x' }, { street: null, floor: ' ' }])
      expect(stream.readJson({ id: 'a', address })).toEqual(blank);
    const { readJson } = stream.reading({ nullValues: ['NULL'], decimalComma: true });
    const given = { id: 'a', address: { street: 'NULL', floor: ' 2 ', at: { lat: '1,5' } } };
    expect(readJson(given)).toEqual(Object.assign([...blank], { 4: '{"floor":2,"at":{"lat":"1.5"}}' }));
  });

  it('makes no sentence for each of half a million hostile items', () => {
    const faults = stream.readJson({ id: 'a', weights: Array.from({ length: 500_000 }, () => 'x') });
    expect((faults as RowFaults).faults.length).toBeLessThan(25);
  });

  it.each<[string, Partial<FieldDefinition>, Partial<StreamInput>, string]>([
    ['no type', { type: 'json' }, {}, 'json needs cql'],
    ['a type of text', { type: 'text', cql: 'set<text>' }, {}, 'is for json, not for text'],
    ['a scalar', { type: 'json', cql: 'int' }, {}, 'is int: make that the type of the field'],
    [
      'an unknown type',
      { type: 'json', cql: 'set<blob>' },
      {},
      'has "blob", which is no type of a field and none of "types"',
    ],
    ['an open bracket', { type: 'json', cql: 'set<text' }, {}, 'lacks a ">"'],
    ['more behind it', { type: 'json', cql: 'set<text> x' }, {}, 'goes on after its type'],
    ['a key that is none', { type: 'json', cql: 'map<timestamp, int>' }, {}, 'has a map whose key is none of'],
    ['a type inside itself', { type: 'json', cql: 'a' }, { types: { a: { b: 'frozen<a>' } } }, 'types deep'],
    ['a list that grows', { type: 'json', cql: 'list<text>' }, {}, 'must be a frozen list'],
    ['a collection in one', { type: 'json', cql: 'set<set<text>>' }, {}, 'needs frozen<set<text>> inside a collection'],
    ['a frozen scalar', { type: 'json', cql: 'set<frozen<int>>' }, {}, 'has frozen<int>, which is int itself'],
    ['many brackets', { type: 'json', cql: 'frozen<'.repeat(20_000) }, {}, 'types deep'],
    ['capitals', { type: 'json', cql: 'Set<Text>' }, {}, 'has "Set" where a type should be'],
    ['a field that is a number', { type: 'json', cql: 'a' }, { types: { a: { 1: 'int' } } }, 'which is not snake_case'],
    ['a default', { type: 'json', cql: 'set<text>', default: '[]' }, {}, 'a json has no default'],
    [
      'a table of ours',
      { type: 'json', cql: 'frozen<geo>' },
      { managed: true },
      'which only a table that is not managed',
    ],
  ])('cannot be defined with %s', (_what, field, more, reason) => {
    const fields = [PARCELS.fields[0]!, { name: 'field', ...field } as FieldDefinition];
    const define = () => defineStream({ ...PARCELS, ...more, fields });
    expect(define).toThrow(StreamDefinitionError);
    expect(define).toThrow(reason);
  });

  it('is frozen as a whole, as Cassandra writes it', () => {
    const text = 'frozen<list<frozen<map<int, frozen<set<text>>>>>>';
    expect(cqlTypeText(parseCqlType('frozen<list<map<int, set<text>>>>'))).toBe(text);
    expect(cqlTypeText(parseCqlType(text))).toBe(text);
  });

  it('is no key and has no index', () => {
    const one = { name: 'tags', type: 'json', cql: 'set<text>', required: true } as const;
    const fields = [PARCELS.fields[0]!, one];
    expect(() => defineStream({ ...PARCELS, fields, indexes: ['tags'] })).toThrow(
      '"tags" is JSON, and no single value',
    );
    const primaryKey = { partition: ['tags'], clustering: [] };
    expect(() => defineStream({ ...PARCELS, fields, primaryKey })).toThrow('"tags" is JSON, and no key');
  });
});
