import type { RejectSource, StoredReject } from '@orderstream/cassandra';
import { SchemaCatalog } from '@orderstream/schemas';
import { compileStream, TRANSACTIONS, type Row } from '@orderstream/streams';
import { parse } from 'csv-parse/sync';
import { chunksOf, collect } from '../accept/chunks.fixture.js';
import type { RejectStores } from './open-rejects.js';
import { cellsOfJson, standardTexts } from './original-cells.js';
import { originalColumns } from './reject-columns.js';
import { RejectExport } from './reject-export.js';
import { openRepair } from './repair-rows.js';

const stream = compileStream(TRANSACTIONS);
const ID = '6f1f0c52-5b6a-4c0e-9f0b-3d7c5d1f2a10';
const ITEMS = [{ item_id: 'i1', product_name: 'Kite, red', quantity: 2, unit_price: 9.5 }];
const SHIPPING = { address: '1 Elm Street, "Salem"', shipping_method: 'express', shipping_cost: '4.00' };
const RECORD = {
  transaction_id: ID,
  account_number: '7',
  transaction_type: '',
  transaction_items: ITEMS,
  shipping_info: SHIPPING,
};
const ofDoor = { row: 2, code: 'missing_value', hasNewReason: false };
const ofSink = {
  ...ofDoor,
  letter: { id: 't-0-1', topic: 't', partition: 0, offset: '1', code: 'x', attempt: 1, state: 'open' },
} as const;

/** The file of one refused row, with its cells corrected, as rows that come back. */
async function repaired(raw: string, source: RejectSource, cells: Record<string, string>) {
  const reject: StoredReject = {
    row: 2,
    stage: 'door',
    code: 'missing_value',
    column: 'x',
    reason: 'y',
    raw: Buffer.from(raw),
  };
  const stores = {
    rejects: {
      async *entries() {
        yield [{ row: 2, reject, raw: reject.raw }];
      },
    },
    letters: { async *positionsOfJob() {} },
  } as unknown as RejectStores;
  const file = await collect(
    new RejectExport({ id: 'j', segments: [], stream }, source, stores, new SchemaCatalog(undefined)).chunks(),
  );
  const [row] = parse<Record<string, string>>(Buffer.concat(file), { columns: true });
  const corrected = { ...row!, ...cells };
  const line = (values: string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  const text = Buffer.from(`${line(Object.keys(corrected))}\n${line(Object.values(corrected))}\n`);
  const { rows } = await openRepair(chunksOf(text), { stream, source }, undefined);
  return { row: row!, back: (await collect(rows))[0]! };
}

const valueOf = (row: unknown, name: string): unknown => (row as Row)[stream.columns.findIndex((c) => c.name === name)];
const shippingOf = (row: unknown) =>
  ['shipping_address', 'shipping_method', 'shipping_cost', 'tracking_number'].map((name) => valueOf(row, name));

describe('a refused row of a nested stream', () => {
  const stored = '[{"item_id":"i1","product_name":"Kite, red","quantity":2,"unit_price":"9.5"}]';

  it('of a CSV file comes back with its list and object cells as they were', async () => {
    const header = ['transaction_id', 'account_number', 'transaction_type', 'transaction_items', 'shipping_info'];
    const source = { format: 'csv', delimiter: ';', header } as const;
    const cell = (value: object) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
    const raw = [ID, '7', '', cell(ITEMS), cell(SHIPPING)].join(';');
    const { row, back } = await repaired(raw, source, { transaction_type: 'refund' });
    expect(JSON.parse(row['transaction_items']!)).toEqual(ITEMS);
    expect(JSON.parse(row['shipping_info']!)).toEqual(SHIPPING);
    for (const reject of [ofDoor, ofSink]) {
      const read = back.read(reject);
      expect(valueOf(read, 'transaction_items')).toBe(stored);
      expect(shippingOf(read)).toEqual([SHIPPING.address, 'express', '4.00', undefined]);
    }
  });

  it('of a CSV file has its object cells also where the sink refused it, whose records are flat', () => {
    const header = ['transaction_id', 'shipping_info', 'transaction_items'];
    const columns = originalColumns(stream, { format: 'csv', header });
    const flat = { transaction_id: ID, shipping_address: 'x', shipping_cost: '4.00', transaction_items: ITEMS };
    const { cells } = cellsOfJson(JSON.stringify(flat), columns, standardTexts(undefined));
    expect(cells.map((cell) => (cell === ID ? ID : (JSON.parse(cell) as object)))).toEqual([
      ID,
      { address: 'x', shipping_cost: '4.00' },
      ITEMS,
    ]);
    expect(cellsOfJson(`{"transaction_id":"${ID}"}`, columns, standardTexts(undefined)).cells).toEqual([ID, '', '']);
  });

  it.each([
    ['nested', RECORD],
    ['with its object as a text', { ...RECORD, shipping_info: JSON.stringify(SHIPPING) }],
    ['flat', { ...RECORD, shipping_info: undefined, shipping_address: SHIPPING.address, shipping_method: 'express', 'shipping_info.shipping_cost': '4.00' }],
  ])('of JSON lines, %s, has the columns of the stream, and comes back', async (_, record) => {
    const source = { format: 'ndjson' } as const;
    const { row, back } = await repaired(JSON.stringify(record), source, { transaction_type: 'refund' });
    expect(row).toMatchObject({ shipping_address: SHIPPING.address, shipping_method: 'express', shipping_cost: '4.00' });
    const read = back.read(ofDoor);
    expect(valueOf(read, 'transaction_items')).toBe(stored);
    expect(shippingOf(read)).toEqual([SHIPPING.address, 'express', '4.00', undefined]);
    expect(stream.readJson(JSON.parse(String(back.raw())))).toEqual(read);
  }); // prettier-ignore

  it('clears what lay in an object that was null, where blanks clear', async () => {
    const source = { format: 'ndjson', reading: { blank: 'clear' } } as const;
    const raw = JSON.stringify({ ...RECORD, shipping_info: null });
    const { row, back } = await repaired(raw, source, { transaction_type: 'refund' });
    expect([row['shipping_address'], row['merchant_name']]).toEqual(['null', '']);
    expect(shippingOf(back.read(ofDoor))).toEqual([null, null, null, null]);
    expect(valueOf(back.read(ofDoor), 'merchant_name')).toBeUndefined();
  });
});
