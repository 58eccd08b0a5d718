import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { builtInStreams } from '../built-in-streams.js';
import { MINIMAL } from '../define/minimal-definition.fixture.js';
import { definitionSchema } from './definition-schema.js';
import { definitionText } from './definition-text.js';
import { readDefinitionFile } from './read-definition-file.js';

const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const BUILT_IN = builtInStreams().map((definition) => [definition.name, definition] as const);
const AGAIN = 'node libs/streams/export-definitions.mjs writes it anew';

describe('built-in streams as files', () => {
  it.each(BUILT_IN)('%s: text → file → the same definition', (name, definition) => {
    const { definition: again, faults } = readDefinitionFile({ name, text: definitionText(definition) });
    expect(faults).toEqual([]);
    expect(again).toEqual(definition);
  });

  it.each(BUILT_IN)(`samples/streams/built-in/%s.yaml is that text; ${AGAIN}`, (name, definition) => {
    expect(read(`samples/streams/built-in/${name}.yaml`)).toBe(definitionText(definition));
  });

  it('keeps texts that look like something else', () => {
    const values = ['true', 'no', '1e3', '0x1f', '~', '', ' a', 'a: b', '#', '2026-01-01', '"', '日本'];
    const fields = [
      ...MINIMAL.fields,
      { name: 'x', type: 'text', csv: values.filter((value) => value !== '') } as const,
    ];
    const { definition } = readDefinitionFile({
      name: '',
      text: definitionText({ topic: 't', table: 't', partitions: 1, indexes: [], derived: [], ...MINIMAL, fields }),
    });
    expect(definition?.fields).toEqual(fields);
  });
});

describe('docs/reference/stream-definition.schema.json', () => {
  const isValid = new Ajv({ allErrors: true }).compile(definitionSchema());

  it(`is what the code says; ${AGAIN}`, () => {
    expect(JSON.parse(read('docs/reference/stream-definition.schema.json'))).toEqual(definitionSchema());
  });

  it.each(BUILT_IN)('takes %s', (_, definition) => {
    expect([isValid(definition), isValid.errors]).toEqual([true, null]);
  });

  it('takes what leaves out what has a default, and a name of the schema', () => {
    expect(isValid({ ...MINIMAL, $schema: 'x' })).toBe(true);
  });

  const withField = (field: object) => ({ ...MINIMAL, fields: [{ name: 'x', type: 'text', ...field }] });
  const misshapen: [string, object][] = [
    ['a misspelt property', { ...MINIMAL, index: [] }],
    ['a property that is missing', { ...MINIMAL, key: undefined }],
    ['a number where text belongs', withField({ type: 'int', min: 0 })],
    ['an unknown type', withField({ type: 'float' })],
    ['an unknown fake', withField({ fake: { kind: 'nope' } })],
    ['a fake that lacks something', withField({ fake: { kind: 'hex' } })],
    ['a fake with something else', withField({ fake: { kind: 'uuid', length: 3 } })],
    [
      'a product of one',
      { ...MINIMAL, derived: [{ name: 'd', type: 'decimal', from: { kind: 'product', of: ['a'] } }] },
    ],
    [
      'an order that is none',
      { ...MINIMAL, primaryKey: { partition: ['id'], clustering: [{ field: 'at', order: 'up' }] } },
    ],
  ];
  it.each(misshapen)('refuses %s, as a start does', (_, definition) => {
    const { faults } = readDefinitionFile({ name: 'a.json', text: JSON.stringify(definition) });
    expect([isValid(definition), faults.length > 0]).toEqual([false, true]);
  });
});
