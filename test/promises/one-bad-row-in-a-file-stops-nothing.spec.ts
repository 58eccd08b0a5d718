/** Promise 3 in a file: a broken row costs itself, with its code, and none of its 999 neighbours. */
import { jest } from '@jest/globals';
import { ApiClient, countsClose, ORDER_HEADER, orderId, orderLine, Sandbox, StoreReader } from '@orderstream/testing';

jest.setTimeout(180_000);

const ROWS = 1_000;
/** index of the broken row; the header is line 1 */
const BROKEN = 30;

const cells = (of: Readonly<Record<string, string>>) => (prefix: string) => Buffer.from(orderLine(BROKEN, of, prefix));
const line = (change: (sound: string) => string) => (prefix: string) =>
  Buffer.from(change(orderLine(BROKEN, {}, prefix)));
const bytes = (byte: number) => (prefix: string) => {
  const sound = Buffer.from(orderLine(BROKEN, { customer_name: '?' }, prefix));
  sound[sound.indexOf('?')] = byte;
  return sound;
};

const BAD: readonly { is: string; code: string; row: (prefix: string) => Buffer }[] = [
  { is: 'a quote inside a bare cell', code: 'broken_quote', row: cells({ customer_name: 'Ca"rol' }) },
  { is: 'a quote at the end of a bare cell', code: 'broken_quote', row: cells({ customer_name: 'Carol"' }) },
  { is: 'text behind a closing quote', code: 'broken_quote', row: cells({ customer_name: '"Carol" Smith' }) },
  { is: 'a space before an opening quote', code: 'broken_quote', row: cells({ customer_name: ' "Carol"' }) },
  { is: 'a quote that is never closed', code: 'broken_quote', row: cells({ customer_name: '"Carol' }) },
  { is: 'a quote that opens in the last cell', code: 'broken_quote', row: cells({ timestamp: '"2026-01-01' }) },
  {
    is: 'an inner quote that is not doubled',
    code: 'broken_quote',
    row: cells({ customer_name: '"Carol "C" Smith"' }),
  },
  { is: 'a cell of 70,000 characters', code: 'record_too_long', row: cells({ customer_name: 'x'.repeat(70_000) }) },
  { is: 'Latin-1 in a file of UTF-8', code: 'invalid_utf8', row: bytes(0xe9) },
  { is: 'a NUL', code: 'nul_byte', row: bytes(0) },
  { is: 'a cell too few', code: 'bad_row_length', row: line((sound) => sound.slice(0, sound.lastIndexOf(','))) },
  { is: 'a cell too many', code: 'bad_row_length', row: line((sound) => `${sound},surplus`) },
  { is: 'a comma in a bare cell', code: 'bad_row_length', row: cells({ customer_name: 'Smith, Carol' }) },
  { is: 'a quantity in words', code: 'bad_int', row: cells({ quantity: 'three' }) },
  { is: 'half a piece', code: 'bad_int', row: cells({ quantity: '1.5' }) },
  { is: 'a quantity of 0', code: 'out_of_range', row: cells({ quantity: '0' }) },
  { is: 'a decimal comma', code: 'bad_decimal', row: cells({ price: '"1,50"' }) },
  { is: 'a price of NaN', code: 'bad_decimal', row: cells({ price: 'NaN' }) },
  { is: 'a price below 0', code: 'out_of_range', row: cells({ price: '-1' }) },
  { is: 'the 31st of June', code: 'bad_timestamp', row: cells({ timestamp: '2026-06-31 10:00:00' }) },
  { is: 'a day first', code: 'bad_timestamp', row: cells({ timestamp: '31/12/2026' }) },
  { is: 'no id', code: 'missing_value', row: cells({ order_id: '' }) },
  { is: 'no product', code: 'missing_value', row: cells({ product: '""' }) },
  { is: 'a quantity of white space', code: 'missing_value', row: cells({ quantity: '  ' }) },
];

describe('one bad row in a file stops nothing', () => {
  let world: Sandbox;
  let store: StoreReader;
  let stored: Set<string>;
  const jobs = new Map<string, Awaited<ReturnType<ApiClient['upload']>>>();

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    const api = new ApiClient(world.api.url);
    for (const [i, { is, row }] of BAD.entries())
      jobs.set(is, await api.upload(fileWith(row(`f${i}`), `f${i}`), '?wait=stored'));
    stored = new Set((await store.rows('orders', 'order_id')).keys());
  });

  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  it.each([...BAD.entries()].map(([i, { is, code }]) => [is, code, `f${i}`] as const))('%s: %s', (is, code, prefix) => {
    const job = jobs.get(is)!;
    countsClose(job);
    expect(job).toMatchObject({
      state: 'stored',
      counts: { received: ROWS, stored: ROWS - 1, rejected: 1, rejectedAtDoor: 1 },
      rejectedByCode: { [code]: 1 },
    });
    const neighbours = Array.from({ length: ROWS }, (_, n) => n).filter((n) => n !== BROKEN);
    expect(neighbours.filter((n) => !stored.has(orderId(n, prefix)))).toEqual([]);
    expect(stored.has(orderId(BROKEN, prefix))).toBe(false);
  });

  it('writes no letter for what was refused at the door, and stores nothing nobody sent', async () => {
    expect((await new ApiClient(world.api.url).letterGroups()).open).toBe(0);
    expect(stored.size).toBe(BAD.length * (ROWS - 1));
  });
});

/** A file of sound rows, with `row` in place of number `BROKEN`. Lines end in CRLF, as spreadsheets write them. */
function fileWith(row: Buffer, prefix: string): Buffer<ArrayBuffer> {
  const lines: Buffer[] = [Buffer.from(ORDER_HEADER)];
  for (let n = 0; n < ROWS; n++) lines.push(n === BROKEN ? row : Buffer.from(orderLine(n, {}, prefix)));
  return Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\r\n')]));
}
