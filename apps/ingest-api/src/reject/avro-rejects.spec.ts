import type { LetterPosition, RejectSource, StoredDeadLetter } from '@orderstream/cassandra';
import type { JobView, Segment } from '@orderstream/contracts';
import { avroReader, SchemaCatalog } from '@orderstream/schemas';
import {
  avroEncoder,
  avroSchemaOf,
  compileStream,
  ORDERS,
  type KnownSchema,
  type Row,
  type SchemaLookup,
} from '@orderstream/streams';
import { parse } from 'csv-parse/sync';
import { chunksOf, collect } from '../accept/chunks.fixture.js';
import type { RejectStores } from './open-rejects.js';
import { RejectExport } from './reject-export.js';
import { RejectList } from './reject-list.js';
import { openRepair } from './repair-rows.js';

const stream = compileStream(ORDERS);
const ID = 7;
const encode = avroEncoder(ORDERS, ID);
const SCHEMA: KnownSchema = { kind: 'avro', read: avroReader(JSON.stringify(avroSchemaOf(ORDERS))) };
const KNOWN: SchemaLookup = { schemaOf: (id) => (id === ID ? SCHEMA : { kind: 'unknown', reason: `no ${id}` }) };

const ORDER = {
  order_id: 'o-1',
  product: '=Kite, red',
  category: 'toys',
  quantity: 3,
  price: '9.90',
  timestamp: '2026-05-06T07:08:09.010Z',
};
const rowOf = (order: object): Row => stream.readJson(order) as Row;
const avroOf = (order: object): Buffer => encode(rowOf(order)) as Buffer;

/** Letters of a job by their rows. */
function storesOf(values: readonly Buffer[], more: Partial<StoredDeadLetter> = {}): RejectStores {
  const cause = { code: 'refused_by_store', stage: 'write', attempt: 1, state: 'open', topic: 'orders' } as const;
  const letters = values.map((value, row) => {
    const place = { id: `orders-0-${row}`, partition: 0, offset: String(row), jobRow: row };
    return { ...cause, ...place, reason: 'too long', value, ...more } as StoredDeadLetter;
  });
  return {
    rejects: { async *entries() {} },
    letters: {
      async *positionsOfJob() {
        yield letters as unknown as LetterPosition[];
      },
      find: async (id: string) => letters.find((letter) => letter.id === id),
    },
  } as unknown as RejectStores;
}

const segments: Segment[] = [
  { topic: 'orders', partition: 0, base: '0', count: 100, firstRow: 0, lastRow: 99, attempt: 1 },
];
type Catalog = Pick<SchemaCatalog, 'resolve'>;
const knowing: Catalog = { resolve: async (records) => ({ schemas: KNOWN, readable: records.length }) };

/** A registry that does not answer, and how often it was asked. */
class Away implements Catalog {
  asked = 0;

  async resolve() {
    this.asked++;
    return { schemas: { schemaOf: () => ({ kind: 'unknown', reason: 'it is away' }) } as SchemaLookup, readable: 0 };
  }
}

const SOURCE: RejectSource = { format: 'csv', header: ['order_id', 'Product', 'note', ...Object.keys(ORDER).slice(2)] };

async function exported(stores: RejectStores, catalog: Catalog, source = SOURCE) {
  const chunks = await collect(new RejectExport({ id: 'j', segments, stream }, source, stores, catalog).chunks());
  const file = Buffer.concat(chunks);
  return { file, rows: parse<Record<string, string>>(file, { columns: true }) };
}

async function listed(stores: RejectStores, catalog: Catalog) {
  const reader = { view: async () => ({ id: 'j', stream: stream.name, segments }) as unknown as JobView };
  const list = new RejectList(stores, reader, catalog, {
    byName: (name) => (name === stream.name ? stream : undefined),
  });
  return (await list.page('j', { limit: 50 })).items;
}

describe('a row that the sink refused, in Avro', () => {
  it('is exported with its original columns, and read again as the row it was', async () => {
    const { file, rows } = await exported(storesOf([avroOf(ORDER)]), knowing);
    const { product, ...others } = ORDER;
    expect(rows).toEqual([
      expect.objectContaining({ ...others, Product: `'${product}`, note: '', quantity: '3', line: '0', surplus: '' }),
    ]);
    const { rows: back } = await openRepair(chunksOf(file), { stream, source: SOURCE }, undefined);
    const letter = { letter: {} as LetterPosition, row: 0, code: 'x', hasNewReason: false };
    expect((await collect(back))[0]!.read(letter)).toEqual(rowOf(ORDER));
  });

  it('stands beside rows in JSON, in the order of the file', async () => {
    const orders = Array.from({ length: 20 }, (_, n) => ({ ...ORDER, order_id: `o-${n}` }));
    const values = orders.map((order, n) => (n % 3 === 1 ? Buffer.from(stream.toJson(rowOf(order))) : avroOf(order)));
    const { rows } = await exported(storesOf(values), knowing);
    expect(rows.map((row) => row['order_id'])).toEqual(orders.map((order) => order.order_id));
    expect(new Set(rows.map(({ timestamp, price }) => `${timestamp} ${price}`)).size).toBe(1);
  });

  it('clears nothing that was not there, where blanks clear', async () => {
    const source: RejectSource = { format: 'ndjson', reading: { blank: 'clear' } };
    const { rows } = await exported(storesOf([avroOf(ORDER)]), knowing, source);
    expect(rows[0]).toMatchObject({ order_id: 'o-1', customer_name: '' });
  });

  it('that the stream does not read any more has its fields all the same', async () => {
    const schemas: SchemaLookup = {
      schemaOf: () => ({ kind: 'avro', read: () => ({ order_id: 'old', customer_name: null, quantity: 'many' }) }),
    };
    const older: Catalog = { resolve: async () => ({ schemas, readable: 1 }) };
    const source: RejectSource = { format: 'ndjson', reading: { blank: 'clear' } };
    const { rows } = await exported(storesOf([avroOf(ORDER)]), older, source);
    expect(rows[0]).toMatchObject({ order_id: 'old', customer_name: '', quantity: 'many', surplus: '' });
  });

  it('is listed with the value of its column, in the form of JSON', async () => {
    const stores = (column: string) => storesOf([avroOf(ORDER)], { column });
    expect(await listed(stores('timestamp'), knowing)).toMatchObject([{ line: 0, value: ORDER.timestamp }]);
    expect(await listed(stores('quantity'), knowing)).toMatchObject([{ line: 0, value: '3' }]);
  });

  it('is unreadable while the registry does not answer, which is waited for once; others are read', async () => {
    const values = Array.from({ length: 30 }, (_, n) =>
      n === 29 ? Buffer.from(stream.toJson(rowOf(ORDER))) : avroOf(ORDER),
    );
    const away = new Away();
    const { rows } = await exported(storesOf(values), away);
    expect(rows).toHaveLength(30);
    expect(rows[0]).toMatchObject({ order_id: '', line: '0', reason: 'too long' });
    expect(rows[29]).toMatchObject({ order_id: 'o-1', line: '29' });
    expect(away.asked).toBe(1);
    expect(await listed(storesOf([avroOf(ORDER)], { column: 'price' }), new Away())).toMatchObject([{ value: null }]);
  });

  it('of JSON only asks no registry', async () => {
    const away = new Away();
    const { rows } = await exported(storesOf([Buffer.from(stream.toJson(rowOf(ORDER)))]), away);
    expect(rows[0]).toMatchObject({ order_id: 'o-1' });
    expect(away.asked).toBe(0);
    const none = await exported(storesOf([avroOf(ORDER)]), new SchemaCatalog(undefined));
    expect(none.rows[0]).toMatchObject({ order_id: '', line: '0' });
  });
});
