import { createHash } from 'node:crypto';
import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { gzipSync } from 'node:zlib';
import { chunksOf, collect } from './chunks.fixture.js';
import { openBody, type BodyToOpen } from './open-body.js';

const registry = new StreamRegistry(builtInStreams());
const MIB = 1024 * 1024;
const limits = { maxBodyBytes: 10 * MIB, maxDecodedBytes: 10 * MIB, maxGzipRatio: 50 };
const CSV = 'order_id,product,category,quantity,price,timestamp\no-1,Lamp,home,2,9.50,2024-01-02T03:04:05Z\n';
const ORDER = {
  order_id: 'o-1',
  product: 'Lamp',
  category: 'home',
  quantity: 2,
  price: '9.50',
  timestamp: '2024-01-02T03:04:05Z',
};
const JSON_TEXT = JSON.stringify(ORDER);

const open = (data: string | Buffer, contentType: string | undefined, more: Partial<BodyToOpen> = {}) =>
  openBody({ contentType, body: chunksOf(data, 100), options: { registry }, limits, ...more });

describe('openBody', () => {
  it.each([
    [CSV, 'text/csv; charset=utf-8', undefined, 'csv'],
    [CSV, 'application/vnd.ms-excel', 'a.csv', 'csv'],
    [CSV, 'text/plain', undefined, 'csv'],
    [JSON_TEXT, 'application/x-ndjson', undefined, 'ndjson'],
    [JSON_TEXT, 'application/jsonl', undefined, 'ndjson'],
    [`[${JSON_TEXT}]`, 'application/json', undefined, 'json'],
    [CSV, 'application/octet-stream', 'orders.CSV', 'csv'],
    [JSON_TEXT, 'text/plain', 'orders.jsonl', 'ndjson'],
    [`[${JSON_TEXT}]`, undefined, 'orders.json', 'json'],
  ])('reads %.9s… sent as %s, file name %s, as %s', async (data, type, fileName, format) => {
    const opened = await open(data, type, { fileName });
    expect(opened).toMatchObject({ format, single: undefined, stream: { name: 'orders' } });
    const batches = await collect(opened.batches);
    expect(batches).toHaveLength(1);
    expect(opened.stream.toJson(batches[0]!.rows[0]!)).toContain('"order_id":"o-1"');
    expect(opened.digest.soFar()).toEqual({
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
    });
  });

  it('reads one JSON object as a single row, or says what is wrong with it', async () => {
    const opened = await open(JSON.stringify({ ...ORDER, colour: 'red' }), 'application/json');
    expect(opened.single).toEqual(opened.stream.readJson(ORDER));
    expect(await collect(opened.batches)).toEqual([]);
    expect(opened.warnings).toEqual(['field colour is ignored in 1 record: the stream orders does not know it']);
    const bad = await open(JSON.stringify({ ...ORDER, quantity: 'two' }), 'application/json');
    expect(bad.single).toMatchObject({ faults: [{ code: 'bad_int', column: 'quantity' }] });
    const stream = registry.byName('orders');
    expect((await open('{}', 'application/json', { options: { registry, stream } })).single).toMatchObject({
      faults: [{ code: 'missing_value' }, {}, {}, {}, {}, {}],
    });
  });

  it('undoes gzip and digests what was in it', async () => {
    const opened = await open(gzipSync(CSV), 'text/csv', { contentEncoding: 'gzip' });
    expect(await collect(opened.batches)).toMatchObject([{ rowNumbers: [2] }]);
    expect(opened.digest.soFar().bytes).toBe(CSV.length);
  });

  it.each([
    [undefined, undefined, 'unsupported_media_type'],
    ['application/octet-stream', 'orders.xlsx', 'unsupported_media_type'],
    ['application/xml', 'orders.csv', 'unsupported_media_type'],
    ['text/csv; charset=iso-8859-1', undefined, 'unsupported_media_type'],
  ])('refuses %s, file name %s', async (type, fileName, code) => {
    await expect(open(CSV, type, { fileName })).rejects.toMatchObject({ code });
  });

  it('refuses binary content and broken gzip before there is any row', async () => {
    await expect(open(gzipSync(CSV), 'text/csv')).rejects.toMatchObject({ code: 'binary_content' });
    await expect(open(CSV, 'text/csv', { contentEncoding: 'gzip' })).rejects.toMatchObject({ code: 'broken_gzip' });
  });

  it('lets go of the body when it refuses it and when it is closed', async () => {
    let isReleased = false;
    async function* body(first: string, more: string) {
      try {
        yield Buffer.from(first);
        for (;;) yield Buffer.from(more);
      } finally {
        isReleased = true;
      }
    }
    await expect(open('', 'text/csv', { body: body('a,b\n', '1,2\n') })).rejects.toMatchObject({
      code: 'unknown_header',
    });
    expect(isReleased).toBe(true);
    for (const [type, first, more] of [
      ['text/csv', CSV, `${CSV.split('\n')[1]}\n`],
      ['application/x-ndjson', `${JSON_TEXT}\n`, `${JSON_TEXT}\n`],
      ['application/json', `[${JSON_TEXT},`, `${JSON_TEXT},`],
    ] as const) {
      isReleased = false;
      const closed = await open('', type, { body: body(first, more) });
      expect(isReleased).toBe(false);
      await closed.close();
      expect(isReleased).toBe(true);

      isReleased = false;
      // The first batch is full before anything is read beyond what the recognition needed.
      const left = await open('', type, { body: body(first + more.repeat(2000), more) });
      for await (const _ of left.batches) break;
      expect(isReleased).toBe(true);
    }
  });
});
