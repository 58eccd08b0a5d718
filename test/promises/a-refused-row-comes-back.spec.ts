/** Promise 3, the way back: a refused row is handed out with its reason, and once corrected it takes its old place. */
import { jest } from '@jest/globals';
import { createCassandra, RejectRepository } from '@orderstream/cassandra';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  numberedOrder,
  ORDER_HEADER,
  orderId,
  orderLine,
  Sandbox,
  StoreReader,
  type Letter,
  type OrderFields,
  type RequestBody,
} from '@orderstream/testing';
import { parse } from 'csv-parse/sync';

jest.setTimeout(180_000);

const ROWS = 1_000;
/** every 27th row from row 5 on is wrong: 37 of them */
const isWrong = (n: number): boolean => n % 27 === 5;
const WRONG = Array.from({ length: ROWS }, (_, n) => n).filter(isWrong);
/** the header is line 1 */
const lineOf = (n: number): number => n + 2;

/** The six kinds, in turn: how the row is broken, and the code it must get. */
const KINDS: readonly { code: string; row: (n: number, prefix: string) => string }[] = [
  { code: 'bad_int', row: (n, prefix) => orderLine(n, { quantity: '-' }, prefix) },
  { code: 'bad_decimal', row: (n, prefix) => orderLine(n, { price: '"1,50"' }, prefix) },
  { code: 'missing_value', row: (n, prefix) => orderLine(n, { product: '' }, prefix) },
  { code: 'bad_timestamp', row: (n, prefix) => orderLine(n, { timestamp: '31/12/2026' }, prefix) },
  { code: 'bad_row_length', row: (n, prefix) => `${orderLine(n, {}, prefix)},=1+1` },
  { code: 'broken_quote', row: (n, prefix) => orderLine(n, { customer_name: 'Ca"rol' }, prefix) },
];
const kindOf = (n: number) => KINDS[WRONG.indexOf(n) % KINDS.length]!;

/** by index of the row */
const FAULTS: Readonly<Record<number, (long: string) => OrderFields>> = {
  2: () => ({ quantity: 0 }),
  4: (long) => ({ order_id: long }),
  7: () => ({ product: null }),
};

type Exported = Record<string, string>;

describe('a refused row comes back', () => {
  let world: Sandbox;
  let api: ApiClient;
  let store: StoreReader;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  });

  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  const rejectsOf = async (id: string): Promise<Exported[]> => {
    const answer = await fetch(`${api.url}/jobs/${id}/rejects.csv`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    return parse(await answer.text(), { columns: true });
  };
  const repair = async <T = JobView>(id: string, body: RequestBody, query = '?wait=stored') => {
    const init = { method: 'POST', body, headers: { 'content-type': 'text/csv' } };
    const answer = await fetch(`${api.url}/jobs/${id}/repair${query}`, init);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as T };
  };
  const lineAndRow = (n: number, prefix: string): string => `${lineOf(n)},${orderLine(n, {}, prefix)}`;

  describe('1,000 rows with 37 faults of six kinds', () => {
    let job: JobView;
    let rejects: Exported[];

    beforeAll(async () => {
      job = await api.upload(
        fileWith('a', (n) => (isWrong(n) ? kindOf(n).row(n, 'a') : undefined)),
        '?wait=stored',
      );
      rejects = await rejectsOf(job.id);
    });

    it('are exactly those 37, on their lines, with their codes, in the original columns', () => {
      expect(job.counts).toMatchObject({ received: ROWS, stored: ROWS - 37, rejected: 37, rejectedAtDoor: 37 });
      expect(job.links.rejects).toBe(`/jobs/${job.id}/rejects.csv`);
      expect(rejects.map(({ line, code, stage }) => ({ line, code, stage }))).toEqual(
        WRONG.map((n) => ({ line: String(lineOf(n)), code: kindOf(n).code, stage: 'door' })),
      );
      const added = ['line', 'column', 'code', 'reason', 'stage', 'surplus'];
      expect(Object.keys(rejects[0]!)).toEqual([...ORDER_HEADER.split(','), ...added]);
      for (const [i, n] of WRONG.entries()) expect(rejects[i]!['order_id']).toBe(orderId(n, 'a'));
      expect(rejects[0]).toMatchObject({ column: 'quantity', quantity: "'-" });
      expect(rejects[4]).toMatchObject({ surplus: "'=1+1" });
    });

    it('a row that is still wrong keeps its place, with the new reason; neighbours are not touched', async () => {
      const text = `line,${ORDER_HEADER}\n${lineOf(WRONG[0]!)},${orderLine(WRONG[0]!, { quantity: '0' }, 'a')}\n`;
      const { status, body } = await repair(job.id, text);
      expect(status).toBe(200);
      expect(body.counts).toEqual(job.counts);
      expect(body.rejectedByCode).toMatchObject({ out_of_range: 1, bad_int: 6 });
      const [first, ...others] = await rejectsOf(job.id);
      expect(first).toMatchObject({ code: 'out_of_range', quantity: '0', line: String(lineOf(WRONG[0]!)) });
      expect(others).toEqual(rejects.slice(1));
    });

    it('corrected, they bring the job to 1,000 stored and 0 rejected, and again they change nothing', async () => {
      // As an owner does it: the exported file with its cells corrected, all its columns still there.
      const half = (await rejectsOf(job.id))
        .slice(0, 20)
        .map((each, i) => ({ ...each, ...cellsOf(orderLine(WRONG[i]!, {}, 'a')) }));
      const edited = [Object.keys(half[0]!), ...half.map((each) => Object.values(each))].map(quoted).join('\r\n');
      const first = await repair(job.id, edited);
      expect(first.body.counts).toMatchObject({ received: ROWS, stored: ROWS - 17, rejected: 17, accepted: ROWS - 17 });
      const sound = [`line,${ORDER_HEADER}`, ...WRONG.map((n) => lineAndRow(n, 'a')), ''].join('\n');
      const { status, body } = await repair(job.id, sound);
      expect(status).toBe(200);
      countsClose(body);
      expect(body).toMatchObject({ id: job.id, state: 'stored', rejectedByCode: {} });
      expect(body.counts).toMatchObject({ received: ROWS, accepted: ROWS, stored: ROWS, rejected: 0, pending: 0 });
      expect(body.warnings).toContainEqual(expect.stringContaining('20 lines of the repair are ignored'));
      expect(body.links.rejects).toBeUndefined();
      expect(await rejectsOf(job.id)).toEqual([]);
      const image = await store.image('orders');

      const again = await repair(job.id, sound);
      expect(again.status).toBe(200);
      expect(again.body.warnings).toContainEqual(expect.stringContaining('37 lines of the repair are ignored'));
      expect({ ...again.body, warnings: [] }).toEqual({ ...body, warnings: [] });
      expect(await store.image('orders')).toEqual(image);
    });

    it('have the write time of their row, whichever attempt stored them', async () => {
      const stored = await store.rows('orders', 'order_id');
      const base = stored.get(orderId(0, 'a'))!.writeTimeMicros - BigInt(lineOf(0));
      for (const n of WRONG)
        expect(stored.get(orderId(n, 'a'))).toMatchObject({
          writeTimeMicros: base + BigInt(lineOf(n)),
          jobRow: lineOf(n),
        });
    });
  });

  it('without a column line they come in order, as many as are rejected; otherwise line is asked for', async () => {
    const job = await api.upload(
      fileWith('b', (n) => (n < 3 ? kindOf(WRONG[n]!).row(n, 'b') : undefined), 10),
      '?wait=stored',
    );
    const rows = [0, 1, 2].map((n) => orderLine(n, {}, 'b'));
    const few = await repair<Problem>(job.id, [ORDER_HEADER, ...rows.slice(1)].join('\n'));
    expect([few.status, few.body.code]).toEqual([422, 'repair_needs_line']);
    const all = await repair(job.id, [ORDER_HEADER, ...rows].join('\n'));
    expect(all.body.counts).toMatchObject({ stored: 10, rejected: 0 });
    const stored = await store.rows('orders', 'order_id');
    expect([0, 1, 2].map((n) => stored.get(orderId(n, 'b'))?.jobRow)).toEqual([2, 3, 4]);
  });

  it('rows the sink refused come back too, in the order of the file, and their letters are repaired', async () => {
    const long = 'i'.repeat(70_000); // more than Cassandra takes
    const rows = Array.from({ length: 10 }, (_, n) => numberedOrder(n, FAULTS[n]?.(long) ?? {}, 'c'));
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const job = await api.upload(text, '?wait=stored', 'application/x-ndjson');
    expect(job.counts).toMatchObject({ stored: 7, rejectedAtDoor: 2, rejectedInSink: 1 });
    const rejects = await rejectsOf(job.id);
    expect(rejects.map(({ line, stage, code }) => [line, stage, code])).toEqual([
      ['3', 'door', 'out_of_range'],
      ['5', 'write', 'refused_by_store'],
      ['8', 'door', 'missing_value'],
    ]);
    expect(rejects[1]).toMatchObject({ order_id: long, product: 'Product 4', quantity: '5' });

    const wrong = orderLine(4, { quantity: 'x' }, 'c');
    const still = await repair(job.id, `line,${ORDER_HEADER}\n5,${wrong}\n`);
    expect(still.body).toMatchObject({ counts: job.counts, rejectedByCode: { bad_int: 1, out_of_range: 1 } });
    expect((await rejectsOf(job.id))[1]).toMatchObject({ line: '5', code: 'bad_int', quantity: 'x' });

    const sound = [2, 4, 7].map((n) => `${n + 1},${orderLine(n, {}, 'c')}`);
    const { body } = await repair(job.id, [`line,${ORDER_HEADER}`, ...sound].join('\n'));
    expect(body).toMatchObject({ counts: { accepted: 10, stored: 10, rejected: 0 }, rejectedByCode: {} });
    expect(body.segments.filter(({ attempt }) => attempt === 2)).not.toEqual([]);
    const letters = await api.get<Page<Letter>>(`/dead-letters?job=${job.id}`);
    expect(letters.body.items.map(({ state }) => state)).toEqual(['repaired']);
    const stored = await store.rows('orders', 'order_id');
    expect([2, 4, 7].map((n) => stored.get(orderId(n, 'c'))?.jobRow)).toEqual([3, 5, 8]);
  });

  it('a repaired old row never wins over a newer update of its order', async () => {
    const id = orderId(1, 'd');
    const old = await api.upload(
      fileWith('d', (n) => (n === 1 ? orderLine(n, { price: 'x' }, 'd') : undefined), 3),
      '?wait=stored',
    );
    await api.upload(`${ORDER_HEADER}\n${orderLine(1, { product: 'Newer' }, 'd')}\n`, '?wait=stored');
    const { body } = await repair(old.id, `line,${ORDER_HEADER}\n${lineAndRow(1, 'd')}\n`);
    expect(body.counts).toMatchObject({ stored: 3, rejected: 0 });
    const { body: found } = await api.get<{ record: { product: string } }>(`/orders/${id}`);
    expect(found.record.product).toBe('Newer');
  });

  it('two repairs at once: one waits its turn, and every row is counted once', async () => {
    const job = await api.upload(
      fileWith('i', (n) => (n < 50 ? orderLine(n, { price: 'x' }, 'i') : undefined), 100),
      '?wait=stored',
    );
    const sound = [`line,${ORDER_HEADER}`, ...Array.from({ length: 50 }, (_, n) => lineAndRow(n, 'i'))].join('\n');
    const answers = await Promise.all([repair(job.id, sound), repair(job.id, sound), repair(job.id, sound)]);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const after = await api.settled(job.id);
    countsClose(after);
    expect(after.counts).toMatchObject({ received: 100, accepted: 100, stored: 100, rejected: 0 });
  });

  it('a repair that was cut off before it counted leaves its rows rejected, and they can be repaired again', async () => {
    const job = await api.upload(
      fileWith('j', (n) => (n < 3 ? orderLine(n, { price: 'x' }, 'j') : undefined), 10),
      '?wait=stored',
    );
    const session = createCassandra({
      contactPoints: world.options.contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace: world.keyspace,
    });
    await session.connect();
    // The mark is what a repair writes before the one write that counts.
    await new RejectRepository(session)
      .mark(job.id, [2, 3], 2, BigInt(Date.now()) * 1000n)
      .finally(() => session.close());
    expect((await rejectsOf(job.id)).map(({ line }) => line)).toEqual(['2', '3', '4']);
    const third = await repair(job.id, `line,${ORDER_HEADER}\n${lineAndRow(2, 'j')}\n`);
    expect(third.body.counts).toMatchObject({ stored: 8, rejected: 2 });
    expect((await rejectsOf(job.id)).map(({ line }) => line)).toEqual(['2', '3']);
    const rest = [`line,${ORDER_HEADER}`, lineAndRow(0, 'j'), lineAndRow(1, 'j')].join('\n');
    expect((await repair(job.id, rest)).body.counts).toMatchObject({ stored: 10, rejected: 0 });
  });

  it('a text that was made safe for a spreadsheet is itself again with unescape=true', async () => {
    const row = orderLine(0, { customer_name: "'=1+1" }, 'k');
    await api.upload(`${ORDER_HEADER}\n${row}\n`, '?wait=stored&unescape=true');
    const found = await api.get<{ record: object }>(`/orders/${orderId(0, 'k')}`);
    expect(found.body.record).toMatchObject({ customer_name: '=1+1' });
    await api.upload(`${ORDER_HEADER}\n${row}\n`, '?wait=stored');
    const asItIs = await api.get<{ record: object }>(`/orders/${orderId(0, 'k')}`);
    expect(asItIs.body.record).toMatchObject({ customer_name: "'=1+1" });
  });

  it('beyond 100,000 rejects they are counted only: the job says so, and a repair asks for the whole file', async () => {
    const bad = 100_500;
    const lines = Array.from({ length: bad }, (_, n) => `m-${n},,,,,x,`);
    const text = [ORDER_HEADER, ...lines, orderLine(bad, {}, 'm'), ''].join('\n');
    const job = await api.upload(text, '?wait=stored');
    expect(job.counts).toMatchObject({ received: bad + 1, stored: 1, rejected: bad });
    expect(job.warnings).toContainEqual(expect.stringMatching(/only the first 100000 rejected rows/));
    const rejects = await rejectsOf(job.id);
    expect(rejects).toHaveLength(100_000);
    expect(rejects.map(({ line }) => Number(line))).toEqual(Array.from({ length: 100_000 }, (_, n) => n + 2));
    const answer = await repair<Problem>(job.id, `line,${ORDER_HEADER}\n2,${orderLine(0, {}, 'm')}\n`);
    expect([answer.status, answer.body.code]).toEqual([422, 'rejects_incomplete']);
  });

  it.each([
    ['no such job', '00000000-0000-4000-8000-000000000000', 404, 'job_not_found'],
    ['no id', 'x', 404, 'job_not_found'],
  ])('%s: a problem with a stable code', async (_, id, status, code) => {
    const answer = await repair<Problem>(id, `line,${ORDER_HEADER}\n`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    const csv = await fetch(`${api.url}/jobs/${id}/rejects.csv`);
    expect([csv.status, ((await csv.json()) as Problem).code]).toEqual([status, code]);
  });

  it('a job that is not settled is not repaired yet', async () => {
    await world.sink.stop();
    const job = await api.upload(fileWith('e', (n) => (n === 1 ? orderLine(n, { price: 'x' }, 'e') : undefined), 3));
    const early = await repair<Problem>(job.id, `line,${ORDER_HEADER}\n${lineAndRow(1, 'e')}\n`);
    expect([early.status, early.body.code]).toEqual([409, 'job_not_settled']);
    expect(early.headers.get('retry-after')).not.toBeNull();
    await world.sink.start();
    await api.settled(job.id);
    expect((await repair(job.id, `line,${ORDER_HEADER}\n${lineAndRow(1, 'e')}\n`)).status).toBe(200);
  });

  describe('maxRejects', () => {
    const bad = (n: number) => orderLine(n, { price: 'x' }, 'f');

    it('a number: the upload stops at the row that passes it, and what was published before is stored', async () => {
      const file = fileWith('f', (n) => ([10, 20, 30].includes(n) ? bad(n) : undefined), 50);
      const { status, body } = await api.post<Problem & { job: JobView }>(file, '?maxRejects=2');
      expect([status, body.code]).toEqual([422, 'too_many_rejects']);
      expect(body.errors).toMatchObject([{ line: lineOf(30) }]);
      expect(body.job).toMatchObject({ state: 'failed', counts: { received: 31, accepted: 28, rejected: 3 } });
      const settled = await api.settled(body.job.id);
      expect(settled).toMatchObject({ state: 'failed', counts: { stored: 28, rejected: 3 } });
      expect((await api.upload(file, '?maxRejects=3&wait=stored')).counts).toMatchObject({ stored: 47, rejected: 3 });
    });

    it('a percentage: judged from row 1,000 on, and at the end', async () => {
      const early = fileWith('g', (n) => (n < 60 ? bad(n) : undefined), 1_500);
      const over = await api.post<Problem & { job: JobView }>(early, '?maxRejects=5%25');
      expect(over.body).toMatchObject({
        code: 'too_many_rejects',
        job: { state: 'failed', counts: { received: 1_000 } },
      });
      expect((await api.upload(early, '?maxRejects=6%25')).counts).toMatchObject({ received: 1_500, rejected: 60 });
      const short = fileWith('h', (n) => (n === 9 ? bad(n) : undefined), 10);
      const atEnd = await api.post<Problem & { job: JobView }>(short, '?maxRejects=9.9%25');
      expect(atEnd.body).toMatchObject({
        code: 'too_many_rejects',
        job: { state: 'failed', counts: { received: 10 } },
      });
      expect((await api.post(short, '?maxRejects=10%25')).status).toBe(202);
      expect((await api.post<Problem>(short, '?maxRejects=101%25')).body.code).toBe('bad_parameter');
    });
  });
});

const cellsOf = (line: string): Exported =>
  Object.fromEntries(ORDER_HEADER.split(',').map((name, i) => [name, line.split(',')[i]!]));

const quoted = (cells: readonly string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');

/** A file of sound rows but for those that `wrong` answers. */
function fileWith(prefix: string, wrong: (n: number) => string | undefined, rows = ROWS): string {
  const lines = Array.from({ length: rows }, (_, n) => wrong(n) ?? orderLine(n, {}, prefix));
  return [ORDER_HEADER, ...lines, ''].join('\n');
}
