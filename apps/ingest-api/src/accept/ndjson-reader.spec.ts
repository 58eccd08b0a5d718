import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { chunksOf, collect } from './chunks.fixture.js';
import { MAX_JSON_RECORD_BYTES } from './json-record.js';
import { openNdjson } from './ndjson-reader.js';
import type { RecognitionOptions } from './recognition.js';

const registry = new StreamRegistry(builtInStreams());
const order = (i: number) =>
  `{"order_id":"o-${i}","product":"Lamp é","category":"home","quantity":2,"price":9.5,"timestamp":"2024-01-02T03:04:05Z"}`;

async function read(data: Buffer | string, options: Partial<RecognitionOptions> = {}, size?: number) {
  const opened = await openNdjson(chunksOf(data, size), { registry, ...options });
  const batches = await collect(opened.batches);
  return {
    stream: opened.stream.name,
    rowNumbers: batches.flatMap(({ rowNumbers }) => rowNumbers),
    rejects: batches
      .flatMap(({ rejects }) => rejects)
      .map(({ row, faults, raw }) => ({ row, code: faults[0]!.code, raw: raw.toString('latin1') })),
  };
}

describe('openNdjson', () => {
  it.each([
    ['no JSON', '{"order_id":', 'bad_json'],
    ['an array', '[1]', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['a record without its product', '{"order_id":"x"}', 'missing_value'],
    ['a NUL', '{"a":"\0"}', 'nul_byte'],
    ['Latin-1 bytes', '{"a":"\xe9"}', 'invalid_utf8'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 'bad_json'],
    ['more than 1 MiB', `{"a":"${'x'.repeat(MAX_JSON_RECORD_BYTES)}"}`, 'record_too_long'],
  ])('%s in line 30 of a thousand costs that line and no other', async (_, bad, code) => {
    for (const [size, end] of [
      [1013, '\n'],
      [1 << 21, '\r\n'],
    ] as const) {
      const lines = Array.from({ length: 1000 }, (__, i) =>
        i === 29 ? Buffer.from(bad, 'latin1') : Buffer.from(order(i)),
      );
      const { stream, rowNumbers, rejects } = await read(
        Buffer.concat(lines.flatMap((line) => [line, Buffer.from(end)])),
        {},
        size,
      );
      expect(stream).toBe('orders');
      expect(rowNumbers).toEqual(Array.from({ length: 1000 }, (__, i) => i + 1).filter((line) => line !== 30));
      expect(rejects).toEqual([{ row: 30, code, raw: bad.slice(0, MAX_JSON_RECORD_BYTES) }]);
    }
  });

  it('counts blank lines but takes none for a record, and needs no line end at the end', async () => {
    expect((await read(`\n${order(1)}\n \t\r\n\r\n${order(2)}`)).rowNumbers).toEqual([2, 5]);
  });

  it('recognises the stream by the first object, and still rejects what came before', async () => {
    expect(await read(`oops\n7\n${order(1)}\n`)).toMatchObject({
      stream: 'orders',
      rowNumbers: [3],
      rejects: [
        { row: 1, code: 'bad_json' },
        { row: 2, code: 'not_an_object' },
      ],
    });
  });

  it('refuses a body without any record it could recognise', async () => {
    await expect(read('')).rejects.toMatchObject({ code: 'no_header' });
    await expect(read('a,b\n'.repeat(100_000))).rejects.toMatchObject({ code: 'bad_json' });
    await expect(read('{"a":1}')).rejects.toMatchObject({ code: 'unknown_header' });
  });

  it('rejects every line of such a body when it is told the stream', async () => {
    const { rowNumbers, rejects } = await read('a,b\nc\n', { stream: registry.byName('orders') });
    expect([rowNumbers, rejects.map(({ row }) => row)]).toEqual([[], [1, 2]]);
  });
});
