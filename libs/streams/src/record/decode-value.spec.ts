import { decodeValue, schemaIdOf } from './decode-value.js';
import { NO_SCHEMAS, type KnownSchema, type SchemaLookup } from './known-schema.js';

const SCHEMAS: Readonly<Record<number, KnownSchema>> = {
  1: { kind: 'avro', read: (value) => ({ bytes: value.length }) },
  2: { kind: 'json' },
  3: { kind: 'unsupported', type: 'PROTOBUF' },
  4: {
    kind: 'avro',
    read: () => {
      throw new Error('it ends too early');
    },
  },
};
const schemas: SchemaLookup = {
  schemaOf: (id) => SCHEMAS[id] ?? { kind: 'unknown', reason: `the schema registry has no schema with id ${id}` },
};
const wire = (id: number, rest: string | number[] = []) =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, id]), Buffer.from(rest as string)]);
const connect = (schema: unknown, payload: unknown) => Buffer.from(JSON.stringify({ schema, payload }));
const struct = (...fields: object[]) => ({ type: 'struct', fields });

describe('the value of a record is told by its bytes', () => {
  it.each([
    ['JSON', Buffer.from('{"a":1}'), { a: 1 }],
    [
      'JSON with more digits than a number has',
      Buffer.from('{"a":0.1234567890123456789}'),
      { a: '0.1234567890123456789' },
    ],
    ['the same behind an id', wire(2, '{"a":[0.1234567890123456789]}'), { a: ['0.1234567890123456789'] }],
    ['JSON of any kind', Buffer.from('"text"'), 'text'],
    ['Avro', wire(1, [1, 2]), { bytes: 7 }],
    ['JSON behind the id of a JSON Schema', wire(2, '{"a":2}'), { a: 2 }],
    ['JSON with its schema', connect(struct(), { a: 3 }), { a: 3 }],
    ['JSON in an envelope without a schema', connect(null, { a: 4 }), { a: 4 }],
    [
      'an object that has such fields and others',
      Buffer.from('{"schema":null,"payload":{},"x":1}'),
      { schema: null, payload: {}, x: 1 },
    ],
    ['an object whose schema is none', connect('public', { a: 5 }), { schema: 'public', payload: { a: 5 } }],
    ['an envelope with nothing in it', connect(struct(), null), null],
  ])('%s', (_name, bytes, value) => {
    expect(decodeValue(bytes, schemas)).toEqual({ kind: 'value', value });
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'undecodable', 'no bytes'],
    ['half an id', Buffer.from([0, 0, 0, 1]), 'undecodable', 'no schema id'],
    ['no JSON', Buffer.from('a,b,c'), 'undecodable', 'not JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff]), 'undecodable', 'not UTF-8'],
    ['Protobuf', wire(3, [0]), 'unsupported_schema_type', 'Protobuf'],
    ['an id that the registry does not have', wire(9), 'unknown_schema', 'id 9'],
    ['bytes that are not what their schema says', wire(4), 'undecodable', 'schema id 4 describes: it ends too early'],
    ['no JSON behind the id of a JSON Schema', wire(2, 'x'), 'undecodable', 'not JSON'],
  ])('%s is refused for good', (_name, bytes, code, reason) => {
    expect(decodeValue(bytes, schemas)).toEqual({
      kind: 'fault',
      fault: { code, reason: expect.stringContaining(reason) },
    });
  });

  it('is refused where it names a schema and there is no registry', () => {
    const { fault } = decodeValue(wire(1), NO_SCHEMAS) as { fault: object };
    expect(fault).toMatchObject({ code: 'unknown_schema', reason: expect.stringContaining('no schema registry') });
  });

  it('names the ids that have to be known before', () => {
    expect([wire(7), Buffer.from([0, 0]), Buffer.from('{}'), null].map(schemaIdOf)).toEqual([
      7,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the payload of Kafka Connect', () => {
  const DATA = 'org.apache.kafka.connect.data';
  it('has decimals and dates as JSON of ours has them, in lists and structs too', () => {
    const decimal = { type: 'bytes', name: `${DATA}.Decimal`, parameters: { scale: '2' } };
    const item = struct({ field: 'price', ...decimal });
    const schema = struct(
      { field: 'day', type: 'int32', name: `${DATA}.Date` },
      { field: 'at', type: 'int64', name: `${DATA}.Timestamp` },
      { field: 'items', type: 'array', items: item },
      { field: 'inner', ...item },
    );
    const price = Buffer.from([0xff, 0x38]).toString('base64');
    const payload = {
      day: 20_454,
      at: 1_767_225_600_000,
      items: [{ price }, { price: null }],
      inner: { price },
      more: 1,
    };
    expect(decodeValue(connect(schema, payload), NO_SCHEMAS)).toEqual({
      kind: 'value',
      value: { ...payload, day: '2026-01-01', items: [{ price: '-2.00' }, { price: null }], inner: { price: '-2.00' } },
    });
  });

  it('never throws, however deep it is or wrong its schema', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const nested = Buffer.from(`{"schema":{"type":"struct"},"payload":{"a":${deep}}}`);
    for (const bytes of [
      nested,
      connect({ type: 'struct', fields: [null, 3] }, { a: 1 }),
      connect({ type: 1, fields: {} }, {}),
    ]) {
      expect(() => decodeValue(bytes, NO_SCHEMAS)).not.toThrow();
    }
  });
});
