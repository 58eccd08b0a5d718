import type { ProblemError } from '@orderstream/contracts';
import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import fc from 'fast-check';
import { ArraySplitter } from './array-splitter.js';
import { chunksOf, collectUntilFailure } from './chunks.fixture.js';
import { MAX_JSON_RECORD_BYTES } from './json-record.js';
import { openJson } from './json-reader.js';
import type { RecognitionOptions } from './recognition.js';

const registry = new StreamRegistry(builtInStreams());
const order = (i: number, more: object = {}) => ({
  order_id: `o-${i}`,
  product: 'Lamp "é" \\ [{',
  category: 'home',
  quantity: 2,
  price: '9.50',
  timestamp: '2024-01-02T03:04:05Z',
  ...more,
});

async function readArray(data: Buffer | string, options: Partial<RecognitionOptions> = {}, size?: number) {
  const opened = await openJson(chunksOf(data, size), { registry, ...options });
  if (opened.kind !== 'array') throw new Error('expected an array');
  const { collected, failure } = await collectUntilFailure(opened.rows.batches);
  return {
    stream: opened.rows.stream.name,
    warnings: opened.rows.warnings,
    rowNumbers: collected.flatMap(({ rowNumbers }) => rowNumbers),
    rows: collected.flatMap(({ rows }) => rows),
    rejects: collected
      .flatMap(({ rejects }) => rejects)
      .map(({ row, faults, raw }) => ({ row, code: faults[0]!.code, raw: raw.toString() })),
    failure: failure as ProblemError | undefined,
  };
}

describe('openJson', () => {
  it('reads one object whole', async () => {
    expect(await openJson(chunksOf(` \n${JSON.stringify(order(1))}\n`, 3), { registry })).toEqual({
      kind: 'single',
      value: order(1),
    });
  });

  it('reads the rows of an array, whatever white space is in it', async () => {
    for (const text of [
      JSON.stringify([order(0), order(1)]),
      ` \r\n[${JSON.stringify(order(0), null, 2)}\n ,\t${JSON.stringify(order(1))} ]\n`,
    ]) {
      for (const size of [1, 7, 4096]) {
        const { stream, rowNumbers, rejects, failure } = await readArray(text, {}, size);
        expect({ stream, rowNumbers, rejects, failure }).toEqual({
          stream: 'orders',
          rowNumbers: [0, 1],
          rejects: [],
          failure: undefined,
        });
      }
    }
  });

  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  it.each([
    ['a value that is no object', '12', 'not_an_object'],
    ['a text with brackets and commas', '"a,]}\\""', 'not_an_object'],
    ['a bracket too few inside', '{"a":[1,2}', 'bad_json'],
    ['a brace too many', '{"a":1}}', 'bad_json'],
    ['no quotes', '{order_id: 1}', 'bad_json'],
    ['a hundred thousand levels', deep, 'bad_json'],
    ['sixty-five levels', `${'{"a":'.repeat(64)}{}${'}'.repeat(64)}`, 'bad_json'],
    ['a NUL', '{"a":"\0"}', 'nul_byte'],
    ['a missing field', '{"order_id":"x"}', 'missing_value'],
    ['more than 1 MiB', `{"a":"${'x'.repeat(MAX_JSON_RECORD_BYTES)}"}`, 'record_too_long'],
  ])('%s costs its element and no other', async (_, bad, code) => {
    const elements = Array.from({ length: 50 }, (__, i) => (i === 30 ? bad : JSON.stringify(order(i))));
    const { rowNumbers, rejects, failure } = await readArray(`[${elements.join(',\n')}]`, {}, 5000);
    expect(failure).toBeUndefined();
    expect(rowNumbers).toEqual(Array.from({ length: 50 }, (__, i) => i).filter((i) => i !== 30));
    expect(rejects).toEqual([{ row: 30, code, raw: bad.slice(0, MAX_JSON_RECORD_BYTES) }]);
  });

  it('refuses bytes that are not UTF-8 as the fault of their element', async () => {
    const text = `[${JSON.stringify(order(0))},${JSON.stringify(order(1, { product: 'é' }))},${JSON.stringify(order(2))}]`;
    const { rowNumbers, rejects } = await readArray(
      Buffer.from(text, 'latin1'),
      { stream: registry.byName('orders') },
      9,
    );
    expect(rowNumbers).toEqual([]);
    expect(rejects.map(({ code }) => code)).toEqual(['invalid_utf8', 'invalid_utf8', 'invalid_utf8']);
  });

  const one = JSON.stringify(order(0));
  const second = Buffer.byteLength(one) + 2;
  it.each([
    ['is cut off between elements', `[${one},`, `ends at byte ${second}`],
    ['is cut off inside an element', `[${one},{"a":"x`, `inside element 1, which begins at byte ${second}`],
    ['is closed inside an element', `[${one},{"a":1]`, `inside element 1, which begins at byte ${second}`],
    ['has a comma too many', `[${one},,${one}]`, `comma at byte ${second}`],
    ['ends with a comma', `[${one},]`, `bracket at byte ${second}`],
    ['is followed by something', `[${one}]\n{}`, `byte ${second + 1}`],
  ])('tells where an array is broken that %s, after the rows before', async (_, text, where) => {
    for (const size of [1, 4096]) {
      const { rowNumbers, failure } = await readArray(text, {}, size);
      expect(rowNumbers).toEqual([0]);
      expect(failure).toMatchObject({ code: 'broken_json' });
      expect(failure!.detail).toContain(where);
    }
  });

  it.each([
    ['', 'bad_json'],
    ['  \n', 'bad_json'],
    ['null', 'bad_json'],
    ['"text"', 'bad_json'],
    ['{"a":1}\n{"a":2}', 'bad_json'],
    ['[]', 'no_header'],
    ['[1,2]', 'bad_json'],
    ['[{"a":1}]', 'unknown_header'],
    [`{"a":"${'x'.repeat(MAX_JSON_RECORD_BYTES)}"}`, 'body_too_large'],
  ])('refuses %.20s', async (text, code) => {
    await expect(openJson(chunksOf(text), { registry })).rejects.toMatchObject({ code });
  });

  it('takes an empty array for a stream it is told', async () => {
    expect(await readArray('[]', { stream: registry.byName('orders') })).toMatchObject({
      rows: [],
      rejects: [],
      failure: undefined,
    });
  });

  it('counts fields the stream does not know, or refuses their records when told to', async () => {
    const text = JSON.stringify([order(0, { colour: 'red' }), order(1), order(2, { colour: 'blue', size: 1 })]);
    const { warnings, rowNumbers } = await readArray(text);
    expect(rowNumbers).toEqual([0, 1, 2]);
    expect(warnings).toEqual([
      'field colour is ignored in 2 records: the stream orders does not know it',
      'field size is ignored in 1 record: the stream orders does not know it',
    ]);
    const strict = await readArray(text, { extra: 'reject' });
    expect(strict.rowNumbers).toEqual([1]);
    expect(strict.rejects.map(({ row, code }) => [row, code])).toEqual([
      [0, 'unknown_field'],
      [2, 'unknown_field'],
    ]);
  });
});

describe('ArraySplitter', () => {
  it('finds the elements that a parser of the whole array finds, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 1),
        fc.integer({ min: 1, max: 20 }),
        (array, indent, size) => {
          const data = Buffer.from(JSON.stringify(array, null, indent));
          const splitter = new ArraySplitter(1);
          const items = [];
          for (let at = 1; at < data.length; at += size)
            items.push(...splitter.push(data.subarray(at, at + size)).items);
          expect(splitter.end()).toBeUndefined();
          expect(items.map(({ raw }) => JSON.parse(raw.toString()))).toEqual(JSON.parse(data.toString()));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
