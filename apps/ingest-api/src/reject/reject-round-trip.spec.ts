import type { RejectSource, StoredReject } from '@orderstream/cassandra';
import { SchemaCatalog } from '@orderstream/schemas';
import { compileStream, defineStream, RowFaults } from '@orderstream/streams';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { chunksOf, collect } from '../accept/chunks.fixture.js';
import { csvLine } from './csv-line.js';
import type { OpenReject, RejectStores } from './open-rejects.js';
import { RejectExport } from './reject-export.js';
import { openRepair } from './repair-rows.js';

const stream = compileStream(
  defineStream({
    name: 'things',
    description: 'Two texts and three others.',
    key: { fields: ['id'], separator: '_' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'note', type: 'text' },
      { name: 'amount', type: 'decimal' },
      { name: 'pieces', type: 'int' },
      { name: 'at', type: 'timestamp' },
    ],
  }),
);
/** one that the stream does not know and one that an export adds; both are to come back */
const HEADER = ['note', 'id', 'Line', 'amount', 'at', '=surplus', 'pieces'];

const reject = (row: number, raw: Buffer | string): StoredReject => ({
  row,
  stage: 'door',
  code: 'bad_int',
  column: 'pieces',
  reason: '-x, "y"\nz',
  raw: Buffer.from(raw),
});

const ofDoor = { row: 2, code: 'x', hasNewReason: false };
const ofSink: OpenReject = {
  ...ofDoor,
  letter: { id: 't-0-1', topic: 't', partition: 0, offset: '1', code: 'x', attempt: 1, state: 'open' },
};

const storesOf = (rejects: readonly StoredReject[]): RejectStores =>
  ({
    rejects: {
      async *entries() {
        yield rejects.map((each) => ({ row: each.row, reject: each, raw: each.raw }));
      },
    },
    letters: { async *positionsOfJob() {} },
  }) as unknown as RejectStores;

async function exported(rejects: readonly StoredReject[], source: RejectSource): Promise<Buffer> {
  const job = { id: 'j', segments: [], stream };
  return Buffer.concat(
    await collect(new RejectExport(job, source, storesOf(rejects), new SchemaCatalog(undefined)).chunks()),
  );
}

async function repaired(file: Buffer, source: RejectSource, chunkBytes?: number) {
  const { rows, hasLine } = await openRepair(chunksOf(file, chunkBytes), { stream, source }, undefined);
  return { hasLine, rows: await collect(rows) };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((cell) => cell.replaceAll('\0', '')),
  fc
    .array(
      fc.constantFrom('=', '+', '-', '@', '\t', '\r', "'", '"', '""', ',', ';', '\n', '\r\n', ' ', 'a', '1', 'é', '😀'),
      {
        maxLength: 6,
      },
    )
    .map((parts) => parts.join('')),
);
const number = fc.constantFrom('-1', '+2', '-.5', '1.50', '', '-x', '=1+1', "'-1", '12', '-1e3');
const cells = fc.tuple(text, text, text, number, number, text, number).map((each) => [...each]);

describe('rejects.csv and repair', () => {
  it.each([',', ';', '\t'])('bring every cell of every row back, with its line; delimiter %j', async (delimiter) => {
    const source = { format: 'csv', delimiter, header: HEADER } as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(cells, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        async (rows, size) => {
          const raw = rows.map((each) => csvLine(each, delimiter));
          const file = await exported(
            raw.map((each, i) => reject(i * 300 + 2, each)),
            source,
          );
          const back = await repaired(file, source, size);
          expect(back.hasLine).toBe(true);
          expect(back.rows.map((row) => row.line)).toEqual(rows.map((_, i) => i * 300 + 2));
          expect(back.rows.map((row) => String(row.raw()))).toEqual(raw);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('leaves no text that a spreadsheet takes for a formula, and no number changed', async () => {
    const source = { format: 'csv', delimiter: ',', header: HEADER } as const;
    await fc.assert(
      fc.asyncProperty(cells, async (row) => {
        const file = await exported([reject(2, csvLine(row))], source);
        const [header, line] = parse(file, { record_delimiter: ['\r\n'] }) as string[][];
        expect(header).toEqual([
          ...HEADER.map((name) => (name === '=surplus' ? "'=surplus" : name)),
          'reject_line',
          'column',
          'code',
          'reason',
          'stage',
          'surplus',
        ]);
        for (const [i, cell] of line!.entries()) {
          const isPlain = [3, 4, 6].includes(i) && /^[+-][\d.]+$/.test(cell);
          expect(isPlain || !/^[=+\-@\t\r]/.test(cell)).toBe(true);
          if (isPlain) expect(cell).toBe(row[i]);
        }
      }),
    );
  });

  it('hands the numbers of a JSON row out with every digit they came with', async () => {
    const source = { format: 'json' } as const;
    const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String);
    const fraction = fc.option(fc.stringMatching(/^\d{0,30}[1-9]$/), { nil: undefined });
    const numbers = fc.tuple(digits, fraction).map((parts) => parts.filter((part) => part !== undefined).join('.'));
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (amount, inner) => {
        const file = await exported(
          [reject(2, `{"id":"9007199254740993.0","amount":${amount},"note":[${inner}]}`)],
          source,
        );
        const [row] = parse<Record<string, string>>(file, { columns: true });
        expect(row).toMatchObject({ id: '9007199254740993.0', amount: amount === '-0' ? '0' : amount });
        expect(row!['note']!.replace(/"/g, '')).toBe(`[${inner}]`);
      }),
      {
        examples: [
          ['0', `-1${'0'.repeat(40)}`],
          [`1${'0'.repeat(22)}`, '0.0000001'],
          ['0.0000001', '1'],
          ['123456789012345680000', '-123456789012345680000'],
        ],
      },
    );
  });

  it('hands numbers with an exponent out as a text that a column reads', async () => {
    const comma = { format: 'json', reading: { decimalComma: true } } as const;
    const cellsOf = async (source: RejectSource, amount: string) => {
      const [row] = parse<Record<string, string>>(
        await exported([reject(2, `{"id":"a","amount":${amount}}`)], source),
        {
          columns: true,
        },
      );
      return row!['amount'];
    };
    expect(await cellsOf({ format: 'json' }, '1.5e-9')).toBe('0.0000000015');
    expect(await cellsOf({ format: 'json' }, '1e21')).toBe(`1${'0'.repeat(21)}`);
    expect(await cellsOf({ format: 'json' }, '1e23')).toBe(`1${'0'.repeat(23)}`);
    expect(await cellsOf({ format: 'json' }, '-1.5e25')).toBe(`-15${'0'.repeat(24)}`);
    expect(await cellsOf({ format: 'json' }, '1e400')).toBe('1e400'); // what no column holds is shown as it came
    expect(await cellsOf(comma, '1.5e-9')).toBe('0,0000000015');
    expect(await cellsOf(comma, '0.1234567890123456789')).toBe('0,1234567890123456789');
  });

  it('takes back what it handed out of a record of nearly a MiB', async () => {
    const source = { format: 'json' } as const;
    const note = '"'.repeat(300_000);
    const file = await exported([reject(2, JSON.stringify({ id: 'a', note, pieces: 'x' }))], source);
    const { rows } = await repaired(file, source);
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(JSON.parse(String(rows[0]!.raw()))).toMatchObject({ note });
  });

  it('a row that is not UTF-8 leaves with the bytes it came with, and is refused again as long as it has them', async () => {
    const source = { format: 'csv', delimiter: ',', header: ['id', 'note'] } as const;
    const raw = Buffer.from('a,caf\xe9', 'latin1');
    const file = await exported([reject(7, raw)], source);
    expect(file.includes(raw)).toBe(true);
    const { rows } = await repaired(file, source);
    expect(rows.map(({ line }) => line)).toEqual([NaN]);
    expect(rows[0]!.read(ofDoor)).toMatchObject(
      new RowFaults([expect.objectContaining({ code: 'invalid_utf8' }) as never]),
    );
  });

  it('pads a short row, keeps surplus cells, and reads a record with broken quotes as well as can be', async () => {
    const source = { format: 'csv', delimiter: ',', header: ['id', 'note', 'pieces'] } as const;
    const file = await exported([reject(2, 'a'), reject(3, 'b,c,1,=d,e'), reject(4, 'c,x"y,2')], source);
    const rows = parse<Record<string, string>>(file, { columns: true });
    expect(rows).toMatchObject([
      { id: 'a', note: '', pieces: '', line: '2', surplus: '' },
      { id: 'b', note: 'c', pieces: '1', line: '3', surplus: "'=d,e" },
      { id: 'c', note: 'x"y', pieces: '2', line: '4' },
    ]);
  });

  it('a JSON record has its fields under the names of the stream; what is no record stands in surplus', async () => {
    const source = { format: 'ndjson' } as const;
    const record = JSON.stringify({ id: '-a', pieces: 'x', amount: -1.5, note: null });
    const file = await exported([reject(0, record), reject(1, '{nope')], source);
    const rows = parse<Record<string, string>>(file, { columns: true });
    expect(rows).toMatchObject([
      { id: "'-a", pieces: 'x', amount: '-1.5', note: '', line: '0' },
      { id: '', line: '1', surplus: '{nope' },
    ]);
    const back = await repaired(file, source);
    expect(JSON.parse(String(back.rows[0]!.raw()))).toEqual({ id: '-a', pieces: 'x', amount: '-1.5' });
  });

  describe('are read', () => {
    const READING = { timeZone: 'America/Sao_Paulo', decimalComma: true, nullValues: ['N/A'], blank: 'clear' } as const;
    const at = (time: string): number => Date.parse(time);

    it('as their upload was, where the door refused them', async () => {
      const reading = { ...READING, timestampFormat: 'd/M/yyyy H:mm' };
      const source = { format: 'csv', delimiter: ';', header: ['id', 'note', 'amount', 'at'], reading } as const;
      const file = await exported([reject(2, 'a;N/A;1.234,50;31/12/2017 22:30')], source);
      const [row] = (await repaired(file, source)).rows;
      expect(row!.read(ofDoor)).toEqual(['a', null, '1234.50', undefined, at('2018-01-01T00:30:00Z')]);
    });

    it('in the standard forms, in which they are handed out, where the sink refused them', async () => {
      const source = { format: 'csv', header: ['id', 'note', 'amount', 'at'], reading: READING } as const;
      const file = Buffer.from('line,id,note,amount,at\n2,a,,1.50,2018-01-01T00:30:00.000Z\n3,b,N/A,,\n');
      const [first, second] = (await repaired(file, source)).rows;
      expect(first!.read(ofSink)).toEqual(['a', null, '1.50', undefined, at('2018-01-01T00:30:00Z')]);
      expect(second!.read(ofSink)).toEqual(['b', 'N/A', null, undefined, null]);
    });

    it('without the character that unescape=true takes off, as often as the file and the export had it', async () => {
      const source = { format: 'csv', header: ['id', 'note'], unescape: true } as const;
      const raws = ["a,'=1+1", "b,''x", 'c,=1+1'];
      const file = await exported(
        raws.map((raw, i) => reject(i, raw)),
        source,
      );
      const { rows } = await repaired(file, source);
      expect(rows.map((row) => (row.read(ofDoor) as unknown[])[1])).toEqual(['=1+1', "'x", '=1+1']);
      expect(rows.map((row) => String(row.raw()))).toEqual(raws);
    });

    it('with null told from what was not there, where a JSON upload said that blanks clear', async () => {
      const source = { format: 'ndjson', reading: READING } as const;
      const record = JSON.stringify({ id: 'a', note: null, amount: -1.5, pieces: '' });
      const file = await exported([reject(0, record)], source);
      const [row] = (await repaired(file, source)).rows;
      expect(row!.read(ofDoor)).toEqual(['a', null, '-1.5', null, undefined]);
      expect(JSON.parse(String(row!.raw()))).toEqual({ id: 'a', note: null, amount: '-1,5', pieces: null });
      const short = Buffer.from('line,id,note\n0,a\n');
      expect((await repaired(short, source)).rows[0]!.read(ofDoor)).toMatchObject({
        faults: [{ code: 'bad_row_length' }],
      });
    });
  });
});
