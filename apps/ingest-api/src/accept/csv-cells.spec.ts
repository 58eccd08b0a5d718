import fc from 'fast-check';
import { cellsOf } from './csv-cells.js';
import { RecordSplitter } from './record-splitter.js';

const OPTIONS = { maxRecordBytes: 64 * 1024, delimiter: 44 };

function read(text: string): string[][] {
  const splitter = new RecordSplitter(OPTIONS);
  return [splitter.push(Buffer.from(text)), splitter.end()].flatMap(({ records }) =>
    records ? cellsOf(records, ',') : [],
  );
}

const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

describe('cellsOf', () => {
  const cell = fc.oneof(
    fc
      .array(fc.constantFrom('a', ',', '"', '\n', '\r', '\r\n', 'é', ' ', ''), { maxLength: 5 })
      .map((parts) => parts.join('')),
    fc.string(),
  );
  const needsQuotes = /[",\n\r\0]|^$/;

  it('gives back every cell that was written, whatever is in it', () => {
    const table = fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const kept = rows.filter((row) => !row.some(([text]) => text.includes('\0')));
        const text = kept
          .map((row) => row.map(([c, q]) => (q || needsQuotes.test(c) ? quote(c) : c)).join(',') + end)
          .join('');
        expect(read(text)).toEqual(kept.map((row) => row.map(([c]) => c)));
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts records without quotes exactly as the parser does', () => {
    const bare = fc
      .array(fc.constantFrom('a', 'bc', ',', '\r', ' ', 'é', '\t', '\n', '\r\n'), { maxLength: 40 })
      .map((p) => p.join(''));
    fc.assert(
      fc.property(bare, (text) => {
        // One quoted record makes the whole stretch go through the parser.
        const parsed = read(`${text}\n"q"\n`);
        expect([...read(`${text}\n`), ['q']]).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });

  it('says so when parser and splitter disagree', () => {
    const records = { bytes: Buffer.from('a\nb\n'), starts: [0], lines: [1], quoted: false };
    expect(() => cellsOf(records, ',')).toThrow('found 2 records, the splitter 1');
  });
});
