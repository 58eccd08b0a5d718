/** Promises 2 and 3: a row that was refused and comes back is stored as it would have been, had it been sound. */
import { jest } from '@jest/globals';
import type { JobReject, JobView, Page, Problem } from '@orderstream/contracts';
import { ApiClient, numberedOrder, ORDER_HEADER, orderId, orderLine, Sandbox } from '@orderstream/testing';
import { parse } from 'csv-parse/sync';

jest.setTimeout(180_000);

type Exported = Record<string, string>;
interface Found {
  readonly record: Readonly<Record<string, unknown>>;
}

const OPTIONS = new URLSearchParams({
  delimiter: ';',
  timeZone: 'America/Sao_Paulo',
  timestampFormat: 'd/M/yyyy H:mm',
  decimalComma: 'true',
  nullValues: 'N/A,-',
  wait: 'stored',
}).toString();

describe('a repair reads as the upload did', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
  });
  afterAll(() => world?.close());

  const exported = async (id: string): Promise<Exported[]> =>
    parse(await (await fetch(`${api.url}/jobs/${id}/rejects.csv`)).text(), { columns: true });

  /** The rows as an owner sends them back: all columns of the export, in its order. */
  const repaired = async (id: string, rows: readonly Exported[]): Promise<JobView> => {
    const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) =>
      cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
    );
    const init = { method: 'POST', body: lines.join('\r\n'), headers: { 'content-type': 'text/csv' } };
    const answer = await fetch(`${api.url}/jobs/${id}/repair?wait=stored`, init);
    const body = (await answer.json()) as JobView;
    expect([answer.status, body]).toEqual([200, expect.anything()]);
    return body;
  };
  const recordOf = async (id: string) => (await api.get<Found>(`/orders/${id}`)).body.record;
  const ofOrder = (record: Found['record'], id: string) => ({ ...record, order_id: id });

  it('zone, format of times, decimal comma and words for nothing: as the sound row of the same file', async () => {
    const line = (id: string, quantity: string) => `${id};N/A;Lamp;home;${quantity};1.234,50;31/12/2025 22:30`;
    const file = [ORDER_HEADER.replaceAll(',', ';'), line('f-sound', '2'), line('f-bad', 'x'), ''].join('\n');
    const job = await api.upload(file, `?${OPTIONS}`);
    expect(job.counts).toMatchObject({ stored: 1, rejectedAtDoor: 1 });
    const [row] = await exported(job.id);
    const after = await repaired(job.id, [{ ...row!, quantity: '2' }]);
    expect(after.counts).toMatchObject({ stored: 2, rejected: 0 });
    const sound = await recordOf('f-sound');
    expect(sound).toMatchObject({ timestamp: '2026-01-01T01:30:00.000Z', price: '1234.50' });
    expect(ofOrder(await recordOf('f-bad'), 'f-sound')).toEqual(sound);
  });

  it('blank=clear and unescape=true too', async () => {
    await api.upload([ORDER_HEADER, orderLine(1, {}, 'c'), orderLine(2, {}, 'c'), ''].join('\n'), '?wait=stored');
    const cleared = (n: number, quantity: string) =>
      orderLine(n, { customer_name: '', product: "'=1+1", category: 'books', quantity }, 'c');
    const file = [ORDER_HEADER, cleared(1, '5'), cleared(2, 'x'), ''].join('\n');
    const job = await api.upload(file, '?wait=stored&blank=clear&unescape=true');
    const [row] = await exported(job.id);
    await repaired(job.id, [{ ...row!, quantity: '5' }]);
    for (const n of [1, 2]) {
      const record = await recordOf(orderId(n, 'c'));
      expect(record).toMatchObject({ product: '=1+1', quantity: 5 });
      expect(record['customer_name'] ?? null).toBeNull();
    }
  });

  it('JSON: null clears, what was not there stays; and what the sink refused is read in the standard forms', async () => {
    await api.upload([ORDER_HEADER, ...[1, 2, 3].map((n) => orderLine(n, {}, 'j')), ''].join('\n'), '?wait=stored');
    const { customer_name: _, ...without } = numberedOrder(1, { price: 'x' }, 'j');
    const rows = [
      without,
      numberedOrder(2, { customer_name: null, quantity: 0, price: 2.5 }, 'j'),
      numberedOrder(3, { customer_name: null, order_id: 'i'.repeat(70_000), price: '7,25' }, 'j'),
    ];
    const query = `?wait=stored&blank=clear&decimalComma=true`;
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const job = await api.upload(text, query, 'application/x-ndjson');
    expect(job.counts).toMatchObject({ rejectedAtDoor: 2, rejectedInSink: 1 });
    const [first, second, third] = await exported(job.id);
    expect([second!['price'], third!['price']]).toEqual(['2,5', '7.25']);
    const after = await repaired(job.id, [
      { ...first!, price: '1.000,75' },
      { ...second!, quantity: '4' },
      { ...third!, order_id: orderId(3, 'j') },
    ]);
    expect(after.counts).toMatchObject({ stored: 3, rejected: 0 });
    const records = await Promise.all([1, 2, 3].map((n) => recordOf(orderId(n, 'j'))));
    expect(records.map(({ price }) => price)).toEqual(['1000.75', '2.5', '7.25']);
    expect(records.map((record) => record['customer_name'] ?? null)).toEqual(['Customer 1', null, null]);
  });

  it('rows in another order are found by their lines all the same', async () => {
    const n = 30;
    const kinds: readonly Exported[] = [{ price: 'x' }, { quantity: '0' }, { timestamp: 'x' }, { product: '' }];
    const lines = Array.from({ length: n }, (_, i) => orderLine(i, kinds[i % kinds.length]!, 'o'));
    const job = await api.upload([ORDER_HEADER, ...lines, orderLine(n, {}, 'o'), ''].join('\n'), '?wait=stored');
    const sorted = (await exported(job.id)).sort((a, b) => a['code']!.localeCompare(b['code']!));
    expect(sorted.map(({ line }) => Number(line)).some((line, i, all) => line < (all[i - 1] ?? 0))).toBe(true);
    const sound = sorted.map((row) => {
      const { product, quantity, price, timestamp } = numberedOrder(Number(row['line']) - 2, {}, 'o') as Exported;
      return { ...row, product: product!, quantity: String(quantity), price: price!, timestamp: timestamp! };
    });
    expect((await repaired(job.id, sound)).counts).toMatchObject({ stored: n + 1, rejected: 0 });
    for (let i = 0; i < n; i++) {
      const { status, body } = await api.get<Found>(`/jobs/${job.id}/rows/${i + 2}`);
      expect([i, status, body.record?.['order_id']]).toEqual([i, 200, orderId(i, 'o')]);
    }
  });

  it('GET /jobs/:id/rejects lists the rejects of both stages with line and value, by page', async () => {
    const long = 'i'.repeat(70_000);
    const rows = [{ quantity: 'a\u0007b' }, {}, { order_id: long }, { price: 'y'.repeat(300) }];
    const text = rows.map((fields, n) => JSON.stringify(numberedOrder(n, fields, 'l'))).join('\n');
    const job = await api.upload(text, '?wait=stored', 'application/x-ndjson');
    const page = async (query: string) => (await api.get<Page<JobReject>>(`/jobs/${job.id}/rejects${query}`)).body;
    const all = await page('');
    expect(all).toMatchObject({
      items: [
        { line: 1, column: 'quantity', code: 'bad_int', value: 'a\\x07b', stage: 'door' },
        { line: 3, code: 'refused_by_store', stage: 'write' },
        { line: 4, column: 'price', code: 'bad_decimal', value: `${'y'.repeat(200)}…`, stage: 'door' },
      ],
      next: null,
    });
    expect(all.items.every(({ reason }) => reason.length > 10)).toBe(true);
    const first = await page('?limit=2');
    expect(first.items).toEqual(all.items.slice(0, 2));
    expect(await page(`?limit=2&cursor=${first.next}`)).toEqual({ items: all.items.slice(2), next: null });

    const [, ofSink] = await exported(job.id);
    await repaired(job.id, [{ ...ofSink!, order_id: orderId(2, 'l'), quantity: 'still' }]);
    expect((await page('')).items[1]).toMatchObject({ line: 3, code: 'bad_int', value: 'still', stage: 'transform' });
    await repaired(job.id, [{ ...ofSink!, order_id: orderId(2, 'l') }]);
    expect((await page('')).items.map(({ line }) => line)).toEqual([1, 4]);

    const wrong = await api.get<Problem>(`/jobs/${job.id}/rejects?cursor=x`);
    expect([wrong.status, wrong.body.code]).toEqual([400, 'bad_parameter']);
    const none = await api.get<Problem>('/jobs/00000000-0000-4000-8000-000000000000/rejects');
    expect([none.status, none.body.code]).toEqual([404, 'job_not_found']);
  });
});
