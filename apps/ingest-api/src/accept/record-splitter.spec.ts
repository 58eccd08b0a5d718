import fc from 'fast-check';
import { RecordSplitter, type SplitterOptions } from './record-splitter.js';
import { splitWhole, type WholeSplit } from './reference-splitter.fixture.js';

const OPTIONS = { maxRecordBytes: 64 * 1024, delimiter: 44 };
const KIB = 1024;

/** Everything the splitter says about these chunks, and the greatest number of bytes handed out at once. */
function splitAll(chunks: readonly Buffer[], options: SplitterOptions = OPTIONS): WholeSplit {
  const splitter = new RecordSplitter(options);
  const records: WholeSplit['records'] = [];
  const faults: WholeSplit['faults'] = [];
  for (const result of [...chunks.map((chunk) => splitter.push(chunk)), splitter.end()]) {
    const found = result.records;
    found?.starts.forEach((start, i) => {
      const text = found.bytes.toString('utf8', start, found.starts[i + 1] ?? found.bytes.length);
      if (text.includes('"')) expect(found.quoted || options.delimiter === undefined).toBe(true);
      records.push({ line: found.lines[i]!, text: text.replace(/\r?\n$/, '') });
    });
    faults.push(...result.faults.map(({ line, code, raw }) => ({ line, code, raw: raw.toString('latin1') })));
  }
  return { records, faults };
}

const chunked = (data: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, i) => data.subarray(i * size, (i + 1) * size));

const split = (text: string | Buffer, options?: SplitterOptions) => splitAll([Buffer.from(text)], options);

describe('RecordSplitter', () => {
  it('keeps a cell over several lines together and counts physical lines', () => {
    expect(split('h\n"a\r\nb ""c"" \n",2\r\n\n\r\nlast').records).toEqual([
      { line: 1, text: 'h' },
      { line: 2, text: '"a\r\nb ""c"" \n",2' },
      { line: 7, text: 'last' },
    ]);
  });

  it('takes a lone carriage return as text and the end of the data as a line end', () => {
    expect(split('a\rb,"c"\r').records).toEqual([{ line: 1, text: 'a\rb,"c"' }]);
    expect(split('"c"\rd\n').faults).toMatchObject([{ line: 1, code: 'broken_quote' }]);
  });

  it.each([
    ['a stray quote in a bare cell', 'a"b,c', 'broken_quote'],
    ['text behind a closing quote', '"a"b,c', 'broken_quote'],
    ['a quote that is never closed', '"abc', 'broken_quote'],
    ['a NUL', 'a\0b', 'nul_byte'],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xe9, 0x62]), 'invalid_utf8'],
    ['a line of 200 kB', 'x'.repeat(200_000), 'record_too_long'],
    ['a quoted cell of 200 kB', `"${'x'.repeat(200_000)}"`, 'record_too_long'],
  ])('%s costs its line and no other, of a thousand', (_, bad, code) => {
    const lines = Array.from({ length: 1000 }, (__, i) => Buffer.from(i === 29 ? bad : `row ${i},é`));
    const data = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\r\n')]));
    for (const size of [7, 4096, data.length]) {
      const { records, faults } = splitAll(chunked(data, size));
      expect(records).toHaveLength(999);
      expect(records[29]).toEqual({ line: 31, text: 'row 30,é' });
      const raw = Buffer.from(bad).subarray(0, OPTIONS.maxRecordBytes).toString('latin1');
      expect(faults).toEqual([{ line: 30, code, raw }]);
    }
  });

  it('refuses a record whose NUL stands in its second line as one row', () => {
    const { records, faults } = split('"a\nb\0",1\nok\n');
    expect(faults).toEqual([{ line: 1, code: 'nul_byte', raw: '"a\nb\0",1' }]);
    expect(records).toEqual([{ line: 3, text: 'ok' }]);
  });

  it('takes a record of exactly the cap and refuses one byte more', () => {
    const cap = OPTIONS.maxRecordBytes;
    for (const text of ['x'.repeat(cap), `"${'x\n'.repeat(cap / 2 - 1)}"`]) {
      expect(split(`${text}\nok`).records.map(({ line }) => line)).toEqual([1, text.split('\n').length + 1]);
      expect(split(`${text},\nok`).faults[0]).toMatchObject({ line: 1, code: 'record_too_long' });
    }
  });

  it('splits lines without a meaning of quotes when there is no delimiter', () => {
    expect(split('{"a":"\n"}\n', { maxRecordBytes: 10 }).records.map(({ text }) => text)).toEqual(['{"a":"', '"}']);
  });

  // Short caps and an alphabet of what matters make every border case frequent.
  const piece = fc.constantFrom('"', '"', '\n', '\n', '\r\n', ',', ',', 'a', 'bc', '\r', '\0', 'é', '""', '€');
  const bytes = fc.oneof(
    { weight: 9, arbitrary: fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(''))) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom(0xe9, 0x80, 10, 34, 44, 97), { maxLength: 60 }).map((b) => Buffer.from(b)),
    },
  );

  it('says what a simple splitter of the whole data says, in any chunks', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (data, cap, sizes) => {
          const chunks: Buffer[] = [];
          for (let at = 0; at < data.length;) {
            const size = sizes.next().value!;
            chunks.push(data.subarray(at, at + size));
            at += size;
          }
          const options = { maxRecordBytes: cap, delimiter: 44 };
          expect(splitAll(chunks, options)).toEqual(splitWhole(data, options));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['quotes that close each other', '"\n'],
    ['a quote in every line that never closes soundly', '"a\n'],
    ['a quote never closed, then quotes that come in pairs', '""a"b\n'],
    ['an open quote before lines of pairs', `"x\n${'a,""\n'.repeat(20_000)}`],
    ['nothing but quotes', '"'.repeat(70 * KIB)],
    ['blank lines', 'a\n\n\r\n'],
  ])('reads 1 MiB of %s in time that grows with the bytes', (_, unit) => {
    const data = Buffer.from(unit.repeat(Math.ceil((KIB * KIB) / unit.length)));
    const before = process.cpuUsage();
    splitAllQuietly(chunked(data, 64 * KIB));
    splitAllQuietly(chunked(data, 999));
    splitAllQuietly(chunked(data.subarray(0, 128 * KIB), 1));
    const { user, system } = process.cpuUsage(before);
    // About a second on an idle machine; copying what is held for every small chunk takes ten times as long.
    expect((user + system) / 1e6).toBeLessThan(8);
  });
});

function splitAllQuietly(chunks: readonly Buffer[]): void {
  const splitter = new RecordSplitter(OPTIONS);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
}
