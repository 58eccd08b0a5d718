import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import type { FieldDefinition } from '../definition.js';
import { StreamRegistry } from '../stream-registry.js';

const FIELDS: readonly FieldDefinition[] = [
  { name: 'device_id', type: 'text', required: true, csv: ['Device #'], json: ['deviceId', 'dev'], column: 'device' },
  { name: 'level', type: 'decimal', json: ['Level'] },
];
const define = (fields: readonly FieldDefinition[]) =>
  defineStream({
    name: 'tanks',
    description: 'Levels of tanks.',
    key: { fields: ['device_id'], separator: '' },
    primaryKey: { partition: ['device_id'], clustering: [] },
    fields,
  });
const flat = define(FIELDS);
const nested = define([...FIELDS, { name: 'city', type: 'text', path: ['site', 'city'] }]);

describe.each([
  ['flat', flat, []],
  ['nested', nested, [undefined]],
] as const)('names of others, of %s records', (_, definition, rest) => {
  const stream = compileStream(definition);

  it.each([
    [{ device_id: 'a', level: 1 }],
    [{ deviceId: 'a', Level: 1 }],
    [{ dev: 'a', level: '1' }],
    [{ deviceId: 'a', dev: 'b', Level: 1, device_id: undefined }],
    [{ device_id: 'a', deviceId: 'b', level: 1, Level: 2 }],
  ])('%j is read', (record) => {
    expect(stream.readJson(record)).toEqual(['a', '1', ...rest]);
    expect(stream.surplusOf(record)).toEqual([]);
  });

  it('are matched letter for letter, and a field that is missing is named by its own', () => {
    expect(stream.readJson({ DEVICEID: 'a' })).toMatchObject({
      faults: [{ code: 'missing_value', column: 'device_id' }],
    });
    expect(stream.surplusOf({ DEVICEID: 'a' })).toEqual(['DEVICEID']);
  });

  it('are not written: values on the topic have the names of the fields', () => {
    expect(stream.toJson(['a', '1', ...rest])).toBe('{"device_id":"a","level":1}'.replace('1', '"1"'));
  });

  it('let a record be recognised', () => {
    const registry = new StreamRegistry([definition]);
    expect(registry.recognise(['deviceId', 'Level'])).toMatchObject({ stream: { name: 'tanks' } });
    expect(registry.recognise(['Device #', 'level'])).toMatchObject({ mapping: { missing: [], surplus: [] } });
  });
});
