import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  eventually,
  KafkaTopics,
  ORDER_HEADER,
  orderLine,
  ordersCsv,
  Sandbox,
  StoreReader,
} from '@orderstream/testing';

/** What the answer of a dry run must say; the rest of it is looked at where it matters. */
interface Report {
  readonly counts: { readonly received: number; readonly accepted: number; readonly rejected: number };
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly rejects: readonly { code: string; column: string | null; rows: number; examples: { line: number }[] }[];
  readonly suggestions: readonly { parameter: string; query: string | null; share: number; detail: string }[];
  readonly partitions: readonly { rows: number }[];
  readonly existingKeys: { sampled: number; existing: number | null; complete: boolean };
  readonly wouldFail: { code: string; line: number; detail: string } | null;
}

const order = (id: string, cells: Readonly<Record<string, string>> = {}) =>
  `${ORDER_HEADER}\n${orderLine(1, { order_id: id, ...cells })}\n`;
const query = (parameters: Readonly<Record<string, string>>) => `?${new URLSearchParams(parameters).toString()}`;

describe('files as people have them', () => {
  let world: Sandbox;
  let api: ApiClient;
  let store: StoreReader;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  const found = async (id: string) => (await api.get<{ record: Record<string, unknown> }>(`/orders/${id}`)).body.record;
  const upload = (body: string, parameters: Readonly<Record<string, string>> = {}, type?: string) =>
    api.upload(body, query({ wait: 'stored', ...parameters }), type);
  const dryRun = async (body: string, parameters: Readonly<Record<string, string>> = {}, type?: string) => {
    const { status, body: report } = await api.post<Report>(body, query({ dryRun: 'true', ...parameters }), type);
    expect(status).toBe(200);
    return report;
  };

  describe('are stored as they were meant', () => {
    const AT = '2017-10-02T10:56:00.000Z';
    it.each([
      ['us', { timestampFormat: 'M/d/yyyy H:mm' }, { timestamp: '10/2/2017 10:56' }, { timestamp: AT }],
      ['eu', { timestampFormat: 'dd/MM/yyyy HH:mm:ss' }, { timestamp: '02/10/2017 10:56:00' }, { timestamp: AT }],
      ['de', { timestampFormat: 'd.M.yyyy H:mm' }, { timestamp: '2.10.2017 10:56' }, { timestamp: AT }],
      ['epoch', { timestampFormat: 'X' }, { timestamp: '1506941760' }, { timestamp: AT }],
      ['zone', { timeZone: 'America/Sao_Paulo' }, { timestamp: '2017-10-02 07:56:00' }, { timestamp: AT }],
      [
        'gap',
        { timeZone: 'America/Sao_Paulo' },
        { timestamp: '2017-10-15' },
        { timestamp: '2017-10-15T03:00:00.000Z' },
      ],
      ['utc', { timeZone: 'America/Sao_Paulo' }, { timestamp: '2017-10-02T10:56:00Z' }, { timestamp: AT }],
      [
        'zoned-us',
        { timeZone: 'Europe/Berlin', timestampFormat: 'M/d/yyyy h:mm a' },
        { timestamp: '10/2/2017 12:56 pm' },
        { timestamp: AT },
      ],
      ['comma', { decimalComma: 'true' }, { price: '"1.234,50"' }, { price: '1234.50', total_amount: '2469.00' }],
      ['null', { nullValues: 'NULL,N/A' }, { customer_name: 'N/A' }, { customer_name: undefined }],
      ['space', {}, { customer_name: '   ' }, { customer_name: undefined }],
    ])('%s', async (id, parameters, cells, record) => {
      const job = await upload(order(id, cells), parameters);
      expect(job.counts).toMatchObject({ received: 1, stored: 1 });
      expect(await found(id)).toMatchObject({ order_id: id });
      for (const [name, value] of Object.entries(record)) expect((await found(id))[name]).toBe(value);
    });

    it.each([
      ['semicolon', ';', ';'],
      ['tab', '\t', 'tab'],
      ['pipe', '|', '|'],
    ])('a file with the delimiter %s, and decimal commas in it', async (id, character, delimiter) => {
      const body = order(id, { price: '7#25' }).replaceAll(',', character).replace('#', ',');
      await upload(body, { delimiter, decimalComma: 'true' });
      expect((await found(id))['price']).toBe('7.25');
    });

    it('surplus empty columns, quoted ids and any order of columns', async () => {
      const header = `,Timestamp,"Order ID",price,,quantity,category,product,,\n`;
      const job = await upload(`${header},2017-10-02 10:56:00,"mixed-1",7.25,,2,home,"Lamp, red",,\n`);
      expect(job).toMatchObject({ counts: { stored: 1, rejected: 0 }, warnings: [] });
      expect(await found('mixed-1')).toMatchObject({ timestamp: AT, price: '7.25', quantity: 2, product: 'Lamp, red' });
    });

    it('JSON, its texts read alike', async () => {
      const row = { order_id: 'json', product: 'x', category: 'home', quantity: 2, price: '1,50', customer_name: '-' };
      const lines = JSON.stringify({ ...row, timestamp: '10/2/2017 12:56' });
      const parameters = { timestampFormat: 'M/d/yyyy H:mm', timeZone: 'Europe/Berlin', decimalComma: 'true' };
      await upload(lines, { ...parameters, nullValues: '-' }, 'application/x-ndjson');
      const record = await found('json');
      expect(record).toMatchObject({ timestamp: AT, price: '1.50' });
      expect(record).not.toHaveProperty('customer_name');
    });
  });

  describe('blanks', () => {
    const customer = async (id: string) => (await found(id))['customer_name'];
    it('keep what is stored, clear it when told to, and leave absent columns alone then too', async () => {
      await upload(order('blank', { customer_name: 'Ada' }));
      await upload(order('blank', { customer_name: '' }));
      expect(await customer('blank')).toBe('Ada');
      const without = order('blank', {})
        .split('\n')
        .map((line) =>
          line
            .split(',')
            .filter((_, i) => i !== 1)
            .join(','),
        );
      await upload(without.join('\n'), { blank: 'clear' });
      expect(await customer('blank')).toBe('Ada');
      await upload(order('blank', { customer_name: '' }), { blank: 'clear' });
      expect(await customer('blank')).toBeUndefined();
      expect(await found('blank')).toMatchObject({ order_id: 'blank', total_amount: expect.any(String) as string });
    });

    it('clear by a text that means blank, and from one JSON object', async () => {
      await upload(order('null-text', { customer_name: 'Ada' }));
      await upload(order('null-text', { customer_name: 'NULL' }), { blank: 'clear', nullValues: 'NULL' });
      expect(await customer('null-text')).toBeUndefined();
      await upload(order('null-json', { customer_name: 'Ada' }));
      const row = { order_id: 'null-json', product: 'x', category: 'home', quantity: 2, price: 1, customer_name: null };
      const body = JSON.stringify({ ...row, timestamp: '2017-10-02' });
      await api.post(body, '?blank=clear', 'application/json');
      await eventually(async () => (await found('null-json'))['product'] === 'x');
      expect(await customer('null-json')).toBeUndefined();
    });

    it('never clear a required column: the row is refused', async () => {
      const { status, body } = await api.post<Problem>(order('req', { product: ' ' }), '?blank=clear');
      expect([status, body.code]).toEqual([422, 'no_row_accepted']);
      expect(body.job).toMatchObject({ rejectedByCode: { missing_value: 1 } });
    });

    it("do not clear as another producer's null", async () => {
      await upload(order('console', { customer_name: 'Ada' }));
      const row = { order_id: 'console', product: 'y', category: 'home', quantity: 2, price: 1, customer_name: null };
      const value = JSON.stringify({ ...row, timestamp: '2017-10-02' });
      await KafkaTopics.on(world.options.brokers).write(world.topic('orders'), [{ key: 'home', value }]);
      await eventually(async () => (await found('console'))['product'] === 'y');
      expect(await customer('console')).toBe('Ada');
    });
  });

  describe('say which parameter would have let them in', () => {
    it('refused dates and decimals, with how many agree', async () => {
      const lines = Array.from({ length: 340 }, (_, n) =>
        orderLine(n, { timestamp: `10/${(n % 28) + 1}/2017 ${n % 24}:05`, price: '"1,50"' }, 'hint'),
      );
      const body = `${ORDER_HEADER}\n${lines.join('\n')}\n`;
      const { body: problem } = await api.post<Problem>(body);
      const dates =
        '340 of 340 refused dates of timestamp fit M/d/yyyy H:mm; send ?timestampFormat=M%2Fd%2Fyyyy%20H%3Amm';
      const numbers = '340 of 340 refused numbers of price fit a decimal comma; send ?decimalComma=true';
      expect((problem.job as JobView).warnings).toEqual(expect.arrayContaining([dates, numbers]) as string[]);
      const report = await dryRun(body);
      const queries = report.suggestions.map((each) => each.query);
      expect(queries).toEqual(['decimalComma=true', 'timestampFormat=M%2Fd%2Fyyyy%20H%3Amm']);
      expect(report.rejects[0]).toMatchObject({ code: 'bad_decimal', column: 'price', rows: 340 });
      expect((await api.upload(body, `?wait=stored&${queries.join('&')}`)).counts).toMatchObject({
        stored: 340,
        rejected: 0,
      });
    });

    it.each([
      [';', 'delimiter=%3B', ''],
      ['\t', 'delimiter=tab', ''],
      ['|', 'delimiter=%7C', ''],
      [';', 'delimiter=%3B', '"'],
    ])('another delimiter %s, quotes %s', async (delimiter, parameter, quote) => {
      const body = order('d')
        .replace(ORDER_HEADER, ORDER_HEADER.replace(/\w+/g, `${quote}$&${quote}`))
        .replaceAll(',', delimiter);
      const { status, body: problem } = await api.post<Problem>(body);
      expect([status, problem.code]).toEqual([422, quote === '' ? 'unknown_header' : 'no_header']);
      expect(problem.detail).toContain(`send ?${parameter}.`);
      expect((await api.upload(body, `?wait=stored&${parameter}`)).counts.stored).toBe(1);
    });

    it.each([
      [{ timeZone: 'Mars/Olympus' }, 'there is no zone Mars/Olympus'],
      [{ timestampFormat: 'YYYY-MM-DD' }, 'did you mean yyyy'],
      [{ timestampFormat: 'M/d/yyyy H:MM' }, 'the month stands twice'],
      [{ decimalComma: 'perhaps' }, 'decimalComma is true or false'],
      [{ blank: 'burn' }, 'blank must be one of'],
      [{ dryRun: '1' }, 'dryRun is true or false'],
    ])('a parameter that cannot be used: %o', async (parameters, why) => {
      const { status, body } = await api.post<Problem>(order('p'), query(parameters as Record<string, string>));
      expect([status, body.code]).toEqual([400, 'bad_parameter']);
      expect(body.detail).toContain(why);
    });
  });

  describe('a dry run', () => {
    const faulty = (): string => {
      const bad: Readonly<Record<number, Readonly<Record<string, string>>>> = {
        3: { price: 'NaN' },
        7: { quantity: '0' },
        8: { quantity: 'x', price: 'y' },
        11: { timestamp: '2026-02-30' },
        13: { product: ' ' },
        17: { customer_name: '"Carol' },
        19: { customer_name: 'a,b' },
      };
      const lines = Array.from({ length: 1500 }, (_, n) => orderLine(n, { customer_name: '', ...bad[n % 23] }, 'dry'));
      return `${ORDER_HEADER}\n${lines.join('\n')}\n`;
    };

    it('refuses exactly what the upload of the same body refuses, and does nothing', async () => {
      const jobs = async () => (await api.get<Page<JobView>>('/jobs?limit=1000')).body.items.length;
      const [rowsBefore, jobsBefore] = [await store.count('orders'), await jobs()];
      const before = await dryRun(faulty());
      expect([await store.count('orders'), await jobs()]).toEqual([rowsBefore, jobsBefore]);
      const real = await upload(faulty());
      const { received, accepted, rejected } = real.counts;
      expect(rejected).toBeGreaterThan(400);
      expect(before.counts).toEqual({ received, accepted, rejected });
      expect(before.rejectedByCode).toEqual(real.rejectedByCode);
      expect(before.rejects.reduce((sum, { rows }) => sum + rows, 0)).toBe(rejected);
      expect(before.rejects.find(({ code }) => code === 'bad_timestamp')).toMatchObject({
        column: 'timestamp',
        examples: [{ line: 13, value: '2026-02-30' }, { line: 36 }, { line: 59 }],
      });
      expect(before.partitions.map(({ rows }) => rows)).toEqual(rowsByPartition(real));
      expect(before).toMatchObject({
        stream: 'orders',
        recognisedBy: 'header',
        columns: expect.arrayContaining([
          { column: 'price', type: 'decimal', required: true, from: 'price' },
        ]) as unknown,
        blanks: [{ column: 'customer_name', keep: accepted, clear: 0 }],
        existingKeys: { sampled: 200, existing: 0, complete: false },
        hottestKeys: { undercount: 0 },
        source: { bytes: Buffer.byteLength(faulty()), sha256: real.source.sha256 },
      });
      const after = await dryRun(faulty(), { blank: 'clear' });
      expect(after).toMatchObject({
        blanks: [{ column: 'customer_name', keep: 0, clear: accepted }],
        existingKeys: { sampled: 200, existing: 200 },
      });
    });

    it.each([
      ['a number', '100', () => faulty()],
      ['a share, from row 1,000 on', '5%', () => faulty()],
      ['a share, at the end', '30%', () => `${order('few')}${orderLine(2, { price: 'NaN' })}\n`],
    ])('with maxRejects ends where the upload would, with its counts: %s', async (_, maxRejects, body) => {
      const before = await dryRun(body(), { maxRejects });
      const { status, body: problem } = await api.post<Problem & { job: JobView }>(body(), query({ maxRejects }));
      expect([status, problem.code]).toEqual([422, 'too_many_rejects']);
      const { received, accepted, rejected } = problem.job.counts;
      expect(before.counts).toEqual({ received, accepted, rejected });
      expect(before.rejectedByCode).toEqual(problem.job.rejectedByCode);
      const { code, detail } = problem;
      expect(before.wouldFail).toEqual({ code, detail, line: problem.errors![0]!['line'] });
      expect((await dryRun(body(), { maxRejects: '2000' })).wouldFail).toBeNull();
    });

    it('takes JSON, one object and several files as an upload does', async () => {
      const rows = [{ id: 'u1', email: 'a@b' }, { id: '' }, 7].map((row) => JSON.stringify(row));
      const array = await dryRun(`[${rows.join(',')}]`, {}, 'application/json');
      expect(array).toMatchObject({
        stream: 'users',
        recognisedBy: 'fields',
        counts: { received: 3, accepted: 1, rejected: 2 },
        rejectedByCode: { missing_value: 1, not_an_object: 1 },
        columns: expect.arrayContaining([expect.objectContaining({ column: 'phone', from: null })]) as unknown,
      });
      expect(await dryRun(rows[0]!, {}, 'application/json')).toMatchObject({ counts: { accepted: 1 } });
      const form = new FormData();
      form.append('a', new Blob([ordersCsv(0, 3, 'multi')], { type: 'text/csv' }), 'a.csv');
      form.append('b', new Blob(['x,y\n1,2\n'], { type: 'text/csv' }), 'b.csv');
      form.append('c', new Blob([rows[0]!], { type: 'application/json' }), 'c.json');
      const answer = await fetch(`${api.url}/ingest?dryRun=true`, { method: 'POST', body: form });
      expect(await answer.json()).toMatchObject({
        items: [
          { stream: 'orders', source: { name: 'a.csv' }, counts: { accepted: 3 } },
          { file: 'b.csv', code: 'unknown_header' },
          { file: 'c.json', code: 'unsupported_media_type' },
        ],
      });
      expect((await api.get('/orders/multi-0')).status).toBe(404);
    });

    it('says how many times name no zone, until it is told one', async () => {
      const body = `${order('z', { timestamp: '2017-10-02 10:56:00' })}${orderLine(2)}\n`;
      const { suggestions } = await dryRun(body);
      expect(suggestions).toMatchObject([{ parameter: 'timeZone', query: null, share: 0.5 }]);
      expect((await dryRun(body, { timeZone: 'UTC' })).suggestions).toEqual([]);
    });

    it('is refused where the upload would be', async () => {
      const { status, body } = await api.post<Problem>('a,b\n1,2\n', '?dryRun=true');
      expect([status, body.code]).toEqual([422, 'unknown_header']);
    });
  });
});

/** Rows of a job per partition of its topic of three. */
function rowsByPartition({ segments }: JobView): number[] {
  const rows = [0, 0, 0];
  for (const { partition, count } of segments) rows[partition]! += count;
  return rows;
}
