import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { chunksOf } from './chunks.fixture.js';
import { readMultipart, type MultipartFile } from './multipart-reader.js';

const MIB = 1024 * 1024;
const LIMITS = { maxBodyBytes: 500 * MIB, maxDecodedBytes: 500 * MIB, maxGzipRatio: 50 };
const TYPE = 'multipart/form-data; boundary=cut';

const part = (headers: string, content: string) =>
  `--cut\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${content}\r\n`;
const file = (name: string, content: string, type = 'text/csv') =>
  part(`name="file"; filename="${name}"\r\nContent-Type: ${type}`, content);
const END = '--cut--\r\n';

const open = (body: AsyncIterable<Buffer>, more: object = {}) =>
  readMultipart({ contentType: TYPE, body, limits: LIMITS, ...more });

async function text(one: MultipartFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of one.stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What each file holds, or the code of what it throws; then the code of what the files throw. Reads after `turns`. */
async function readAll(body: AsyncIterable<Buffer>, more: object = {}, turns = 0) {
  const read: string[] = [];
  const { files, warnings } = open(body, more);
  try {
    for await (const one of files) {
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      read.push(`${one.filename}: ${await text(one).catch((error: { code: string }) => error.code)}`);
    }
  } catch (error) {
    read.push((error as { code: string }).code);
  }
  return { read, warnings };
}

describe('readMultipart', () => {
  it('gives the files one after another, in any chunks', async () => {
    const body =
      file('/tmp/ä.csv', 'a\r\n--cu\r\n') + file('b.csv', '') + file('c.json', '{}', 'application/json') + END;
    for (const size of [1, 5, 4096])
      expect((await readAll(chunksOf(body, size))).read).toEqual(['ä.csv: a\r\n--cu\r\n', 'b.csv: ', 'c.json: {}']);
  });

  it('says content type and field, and takes a typed part without a name for a file', async () => {
    const files: object[] = [];
    for await (const { stream: _, ...rest } of open(
      chunksOf(part('name="rows"\r\nContent-Type: application/x-ndjson', '{}') + END),
    ).files)
      files.push(rest);
    expect(files).toEqual([{ field: 'rows', filename: undefined, contentType: 'application/x-ndjson' }]);
  });

  it.each([
    ['before a file: no file is given', part('name="stream"', 'orders') + file('a.csv', 'x') + END, []],
    ['behind a file', file('a.csv', 'x') + part('name="stream"', 'orders') + file('b.csv', 'x') + END, ['a.csv: x']],
  ])('a field that is refused ends the body, %s', async (_, body, given) => {
    const refusal = Object.assign(new Error('no'), { code: 'no_such_field' });
    const refuseField = (name: string) => (name === 'stream' ? refusal : undefined);
    for (const size of [1, 50]) {
      expect((await readAll(chunksOf(body, size), { refuseField })).read).toEqual([...given, 'no_such_field']);
    }
  });

  it('skips fields with a warning', async () => {
    const { read, warnings } = await readAll(chunksOf(part('name="note"', 'hi') + file('a.csv', 'x') + END));
    expect(read).toEqual(['a.csv: x']);
    expect(warnings).toEqual(['part note is not a file and is ignored']);
  });

  it('undoes gzip around the whole body', async () => {
    expect((await readAll(chunksOf(gzipSync(file('a.csv', 'x') + END)), { contentEncoding: 'gzip' })).read).toEqual([
      'a.csv: x',
    ]);
  });

  it('skips what is left of a file when the next one is asked for', async () => {
    const names: (string | undefined)[] = [];
    const body = file('a.csv', 'x'.repeat(MIB)) + file('b.csv', 'y'.repeat(MIB)) + file('c.csv', 'z') + END;
    for await (const one of open(chunksOf(body)).files) {
      names.push(one.filename);
      if (one.filename === 'b.csv') for await (const _ of one.stream) break;
    }
    expect(names).toEqual(['a.csv', 'b.csv', 'c.csv']);
  });

  const body = file('a.csv', 'x') + file('b.csv', 'y'.repeat(10_000)) + END;
  it.each([
    ['cut off inside a file', body.slice(0, -5000), ['a.csv: x', 'b.csv: broken_multipart', 'broken_multipart']],
    ['without an end', body.slice(0, -END.length), ['a.csv: x', 'b.csv: broken_multipart', 'broken_multipart']],
    ['cut off between files', file('a.csv', 'x') + '--cut\r\nContent-Dis', ['a.csv: x', 'broken_multipart']],
    ['cut off in a delimiter', file('a.csv', 'x') + '--c', ['a.csv: broken_multipart', 'broken_multipart']],
    ['without any file', part('name="note"', 'hi') + END, ['broken_multipart']],
    ['empty', '', ['broken_multipart']],
    ['something else', 'a,b\n1,2\n', ['broken_multipart']],
    [
      'too many files',
      file('a.csv', 'x').repeat(1001) + END,
      [...Array<string>(1000).fill('a.csv: x'), 'broken_multipart'],
    ],
  ])('refuses a body that is %s, after the files before', async (_, text, expected) => {
    for (const size of [777, 1 << 20]) {
      // At once, and so late that the parser has told of the failure before anybody listens to the file.
      for (const turns of [0, 3]) expect((await readAll(chunksOf(text, size), {}, turns)).read).toEqual(expected);
    }
  });

  it('refuses a content type without a boundary', async () => {
    expect((await readAll(chunksOf(body), { contentType: 'multipart/form-data' })).read).toEqual(['broken_multipart']);
  });

  it('ends the file under way with what the body throws', async () => {
    async function* gone() {
      yield Buffer.from(body.slice(0, 2000));
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    }
    expect((await readAll(gone())).read).toEqual(['a.csv: x', 'b.csv: ECONNRESET', 'ECONNRESET']);
    const tooLarge = await readAll(chunksOf(body, 500), { limits: { ...LIMITS, maxBodyBytes: 3000 } });
    expect(tooLarge.read).toEqual(['a.csv: x', 'b.csv: body_too_large', 'body_too_large']);
  });

  it('reads no faster than its files are read, and leaves the body open when nobody wants more', async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from(file('a.csv', '').slice(0, -2));
      for (; ; sent++) yield Buffer.alloc(64 * 1024, 'x');
    }
    const source = Readable.from(endless());
    for await (const one of open(source).files) {
      let chunks = 0;
      for await (const _ of one.stream) if (++chunks === 10) break;
      break;
    }
    expect(sent).toBeLessThan(50);
    expect(source.destroyed).toBe(false);
    source.destroy();
  });
});
