import { ProblemError } from '@orderstream/contracts';
import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { chunksOf, collect, collectUntilFailure } from './chunks.fixture.js';
import { openCsv, type CsvOptions } from './csv-reader.js';
import { BATCH_ROWS, type RowBatch } from './row-batch.js';
import { decodeText } from './text-decoding.js';

const registry = new StreamRegistry(builtInStreams());
const HEADER = 'order_id,customer_name,product,category,quantity,price,timestamp';
const row = (i: number, product = 'Lamp') => `o-${i},Zoë,${product},home,2,9.50,2024-01-02 03:04:05`;

const open = (data: Buffer | string, options: Partial<CsvOptions> = {}, size?: number) =>
  openCsv(decodeText(chunksOf(data, size)), { registry, ...options });

async function read(data: Buffer | string, options: Partial<CsvOptions> = {}, size?: number) {
  const opened = await open(data, options, size);
  const batches = await collect(opened.batches);
  return { opened, batches, ...merge(batches) };
}

const merge = (batches: RowBatch[]) => ({
  rows: batches.flatMap(({ rows }) => rows),
  rowNumbers: batches.flatMap(({ rowNumbers }) => rowNumbers),
  rejects: batches.flatMap(({ rejects }) => rejects),
});

async function problemOf(data: Buffer | string, options: Partial<CsvOptions> = {}): Promise<ProblemError> {
  const problem = await open(data, options).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(ProblemError);
  return problem as ProblemError;
}

const thousand = (bad: Buffer | string, end = '\n') => {
  // The header is line 1, so index 28 of the rows is line 30.
  const lines = [HEADER, ...Array.from({ length: 1000 }, (_, i) => (i === 28 ? bad : row(i)))];
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from(end)]));
};

describe('openCsv', () => {
  it('knows the stream before any row is asked for, and gives rows the lines they stand in', async () => {
    const opened = await open(
      `\n${HEADER}\r\n${row(1)}\r\n\r\n"o-2",,"two\nlines",home,1,1,2024-01-02T00:00:00Z\r\n${row(3)}`,
    );
    expect(opened.stream.name).toBe('orders');
    const { rows, rowNumbers } = merge(await collect(opened.batches));
    expect(rowNumbers).toEqual([3, 5, 7]);
    expect(rows[0]!.slice(0, 3)).toEqual(['o-1', 'Zoë', 'Lamp']);
    expect(rows[1]!.slice(0, 3)).toEqual(['o-2', undefined, 'two\nlines']);
  });

  it.each([
    ['a stray quote', row(28, 'a"b'), 'broken_quote', undefined],
    ['an unterminated quote', row(28, '"Lamp'), 'broken_quote', undefined],
    ['text behind a closing quote', row(28, '"Lamp"x'), 'broken_quote', undefined],
    ['a field of 200 kB', row(28, 'x'.repeat(200_000)), 'record_too_long', undefined],
    ['a NUL', row(28, 'La\0mp'), 'nul_byte', undefined],
    ['Latin-1 bytes', Buffer.from(row(28), 'latin1'), 'invalid_utf8', undefined],
    ['a short row', 'o-28,x', 'bad_row_length', undefined],
    ['a long row', `${row(28)},more`, 'bad_row_length', undefined],
    ['no product', row(28, ''), 'missing_value', 'product'],
    ['a quantity in words', row(28).replace(',2,', ',two,'), 'bad_int', 'quantity'],
    ['a negative price', row(28).replace('9.50', '-1'), 'out_of_range', 'price'],
  ])('%s in line 30 of a thousand rows costs that row and no other', async (_, bad, code, column) => {
    for (const size of [13, 4097, 1 << 20]) {
      for (const end of ['\n', '\r\n']) {
        const { rows, rowNumbers, rejects } = await read(thousand(bad, end), {}, size);
        expect(rows).toHaveLength(999);
        expect(rowNumbers).toEqual(Array.from({ length: 1000 }, (__, i) => i + 2).filter((line) => line !== 30));
        expect(rejects).toHaveLength(1);
        expect(rejects[0]).toMatchObject({ row: 30, faults: [{ code }] });
        expect(rejects[0]!.faults[0]!.column).toBe(column);
        expect(Buffer.from(rejects[0]!.raw)).toEqual(Buffer.from(bad).subarray(0, 64 * 1024));
      }
    }
  });

  it.each([
    [
      'UTF-8 with a mark and a quoted header',
      (text: string) => Buffer.from(`\ufeff${text.replace('order_id', '"order_id"')}`),
    ],
    ['UTF-16 LE with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 BE with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('reads %s', async (_, encode) => {
    const data = encode(`${HEADER}\r\n${row(1, 'Lampe 💡')}\r\n`);
    for (const size of [1, 3, data.length]) {
      const { rows, rejects } = await read(data, {}, size);
      expect(rejects).toEqual([]);
      expect(rows[0]!.slice(0, 3)).toEqual(['o-1', 'Zoë', 'Lampe 💡']);
    }
  });

  it('refuses half a character of UTF-16 as the fault of its row', async () => {
    const data = Buffer.from(`\ufeff${HEADER}\n${row(1)}\n${row(2, '\ud83d')}\n${row(3)}\n`, 'utf16le');
    const { rowNumbers, rejects } = await read(data, {}, 5);
    expect(rowNumbers).toEqual([2, 4]);
    expect(rejects).toMatchObject([{ row: 3, faults: [{ code: 'invalid_utf8' }] }]);
  });

  it.each([
    ['nothing', '', 'no_header'],
    ['blank lines only', '\n\r\n', 'no_header'],
    ['a header with a broken quote', `order"_id,x\n${row(1)}`, 'no_header'],
    ['a header with a column twice', `${HEADER},Order ID\n`, 'duplicate_column'],
    ['a header that fits no stream', 'a,b\n1,2\n', 'unknown_header'],
  ])('refuses %s', async (_, data, code) => {
    expect(await problemOf(data)).toMatchObject({ code });
  });

  it('says for each stream a header could be for what is missing and what is surplus', async () => {
    const problem = await problemOf('order_id,product,colour\n');
    const orders = problem.extra.errors!.find(({ stream }) => stream === 'orders');
    expect(orders).toMatchObject({ missing: ['category', 'quantity', 'price', 'timestamp'], surplus: ['colour'] });
  });

  it.each([
    ['of 10,000 columns', Array.from({ length: 10_000 }, (_, i) => `x${i.toString(36)}`).join()],
    ['of one column of 60 KiB', 'x'.repeat(60 * 1024)],
    ['of 5,000 columns twice', Array.from({ length: 10_000 }, (_, i) => `x${(i % 5_000).toString(36)}`).join()],
  ])('does not say a header %s back whole', async (_, header) => {
    for (const data of [`${header}\n`, `${HEADER},${header}\n`.slice(0, 65_000)]) {
      const problem = await open(data, { extra: 'reject' }).catch((error: unknown) => error);
      expect(problem).toMatchObject({ code: expect.stringMatching(/unknown_header|duplicate_column/) as string });
      const { detail, extra } = problem as ProblemError;
      expect(JSON.stringify({ detail, ...extra }).length).toBeLessThan(32 * 1024);
    }
  });

  it('takes the stream it is told and says what its header lacks', async () => {
    const stream = registry.byName('users')!;
    expect((await read('id,email\nu1,a@b\n', { stream })).opened.stream).toBe(stream);
    const problem = await problemOf('email\na@b\n', { stream });
    expect(problem).toMatchObject({
      code: 'unknown_header',
      extra: { errors: [{ stream: 'users', missing: ['id'], surplus: ['email'].slice(1) }] },
    });
  });

  it('warns of a column the stream does not know, whatever it is called, or refuses it when told to', async () => {
    const data = `${HEADER},__proto__,colour\n${row(1)},x,red\n`;
    const { opened, rows } = await read(data);
    expect(rows).toHaveLength(1);
    expect(opened.warnings).toEqual([
      'column __proto__ is ignored: the stream orders does not know it',
      'column colour is ignored: the stream orders does not know it',
    ]);
    const problem = await problemOf(data, { extra: 'reject' });
    expect(problem).toMatchObject({
      code: 'unknown_header',
      extra: { errors: [{ surplus: ['__proto__', 'colour'] }] },
    });
    expect(({} as Record<string, unknown>)['colour']).toBeUndefined();
  });

  it('reads other delimiters and refuses what cannot be one', async () => {
    const data = `${HEADER}\n${row(1)}\n`.replaceAll(',', ';');
    expect((await read(data, { delimiter: ';' })).rows).toHaveLength(1);
    for (const delimiter of ['"', '\n', ';;', '', 'a', 'é'])
      expect(await problemOf(data, { delimiter })).toMatchObject({ code: 'bad_parameter' });
  });

  it('says which other delimiter the header seems to have, and how many of the first rows agree', async () => {
    const data = `${[HEADER, row(1), row(2)].join('\n').replaceAll(',', ';')}\nonly;two\n`;
    const hint = { parameter: 'delimiter', query: 'delimiter=%3B', share: 2 / 3 };
    const detail = expect.stringContaining('2 of the first 3 rows') as string;
    expect((await problemOf(data)).extra.errors).toContainEqual(expect.objectContaining({ ...hint, detail }));
    const bare = (await problemOf(HEADER.replaceAll(',', ';'))).extra.errors;
    expect(bare).toContainEqual(expect.not.objectContaining({ share: expect.anything() as number }));
  });

  it('hands on no more than a batch at once, in order', async () => {
    const { batches, rowNumbers } = await read([HEADER, ...Array.from({ length: 5000 }, (_, i) => row(i))].join('\n'));
    expect(batches.map(({ rows }) => rows.length)).toEqual([
      BATCH_ROWS,
      BATCH_ROWS,
      BATCH_ROWS,
      BATCH_ROWS,
      BATCH_ROWS,
    ]);
    expect(rowNumbers).toEqual(Array.from({ length: 5000 }, (_, i) => i + 2));
  });

  it('hands on the rows before the body fails', async () => {
    async function* failing() {
      yield Buffer.from(`${HEADER}\n${row(1)}\n${row(2)}\n${row(3)}`);
      throw new Error('gone');
    }
    const opened = await openCsv(failing(), { registry });
    const { collected, failure } = await collectUntilFailure(opened.batches);
    expect(collected.flatMap(({ rowNumbers }) => rowNumbers)).toEqual([2, 3]);
    expect(failure).toEqual(new Error('gone'));
  });

  it('reads no further than it must', async () => {
    let read = 0;
    let isClosed = false;
    async function* counted() {
      try {
        for (let i = 0; i < 1000; i++, read++) yield Buffer.from(i === 0 ? `${HEADER}\n` : `${row(i)}\n`.repeat(100));
      } finally {
        isClosed = true;
      }
    }
    const opened = await openCsv(counted(), { registry });
    expect(read).toBe(0);
    const batches = opened.batches[Symbol.asyncIterator]();
    await batches.next();
    expect(read).toBeLessThanOrEqual(10);
    await opened.close();
    expect(isClosed).toBe(true);
  });
});
