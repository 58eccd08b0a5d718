/** Promise 5: of every record it can be said what became of it, and of every row where it came from. */
import { jest } from '@jest/globals';
import type { JobView, Problem } from '@orderstream/contracts';
import { attachStack } from '@orderstream/stack';
import {
  ApiClient,
  duringOutage,
  eventually,
  KafkaTopics,
  numberedOrder,
  ORDER_HEADER,
  orderId,
  orderJson,
  orderLine,
  ordersCsv,
  Sandbox,
  SlowUpload,
  stopwatch,
  StoreReader,
  type JsonAnswer,
} from '@orderstream/testing';

jest.setTimeout(240_000);

interface Pending {
  readonly receipt: string;
  readonly state: string;
  readonly estimatedSeconds: number;
}

interface Lineage {
  readonly file: string | null;
  readonly line: number | null;
  readonly job: string | null;
  readonly kind: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly writeTime: string;
}

interface Order {
  readonly stream: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly lineage?: Lineage;
}

interface JobRow {
  readonly job: string;
  readonly row: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly writeTime: string;
  readonly outcome: string;
  readonly letter?: { readonly id: string; readonly code: string };
}

/** Records per second and partition that an estimate trusts a sink with that has not begun. */
const DRAIN_RATE = 10;
const HOUR = 3_600_000_000n;

const microsOf = (iso: string): bigint =>
  BigInt(Date.parse(`${iso.slice(0, 23)}Z`)) * 1_000n + BigInt(iso.slice(23, 26));

const codeOf = ({ status, body }: JsonAnswer<Problem>): [number, string] => [status, body.code];

describe('read your write', () => {
  let world: Sandbox;
  let api: ApiClient;
  let topics: KafkaTopics;
  let topic: string;

  beforeAll(async () => {
    world = await Sandbox.forTests({ DRAIN_RATE_FLOOR: String(DRAIN_RATE) });
    await world.start();
    await world.sink.stop();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    topic = world.topic('orders');
  });
  afterAll(() => world?.close());

  const post = async (n: number, fields: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const order = JSON.stringify(numberedOrder(n, { category: 'books', ...fields }));
    const { status, body } = await api.post<{ receipt: string }>(order, '', 'application/json');
    expect(status).toBe(202);
    return body.receipt;
  };

  let first: string;
  let behind: string;

  it('says while the sink is stopped that the record is pending, with an estimate that counts what lies before it', async () => {
    first = await post(1);
    const partition = Number(first.split(':')[1]);
    await topics.write(
      topic,
      Array.from({ length: 40 }, (_, i) => ({ partition, value: orderJson(1_000 + i) })),
    );
    behind = await post(2);
    expect(behind).toBe(`${topic}:${partition}:41`);

    const nearest = await api.get<Pending>(`/orders/row-1?receipt=${first}`);
    expect([nearest.status, nearest.body]).toEqual([202, { receipt: first, state: 'pending', estimatedSeconds: 0.1 }]);
    const farther = await api.get<Pending>(`/orders/row-2?receipt=${behind}`);
    const estimatedSeconds = 42 / DRAIN_RATE;
    expect([farther.status, farther.body]).toEqual([202, { receipt: behind, state: 'pending', estimatedSeconds }]);
    expect(farther.headers.get('retry-after')).toBe('5');
    expect((await api.get('/orders/row-2')).status).toBe(404);
  });

  it('waits for a record no longer than it is told to', async () => {
    const since = stopwatch();
    const { status } = await api.get(`/orders/row-2?receipt=${behind}&wait=stored&timeout=700ms`);
    expect(status).toBe(202);
    expect(since.elapsedMs()).toBeGreaterThanOrEqual(700);
    expect(since.elapsedMs()).toBeLessThan(5_000);
  });

  it.each([
    ['a word', () => 'receipt=yesterday'],
    ['a receipt without an offset', () => `receipt=${topic}:0`],
    ['a topic that has no orders', () => `receipt=${world.topic('users_created')}:0:0`],
    ['another topic', () => `receipt=${topic}.dead-letters:0:0`],
    ['a partition that is not there', () => `receipt=${topic}:99:0`],
    ['an offset that is not there', () => `receipt=${topic}:0:999999`],
    ['a wait for an offset that is not there', () => `receipt=${topic}:0:999999&wait=stored&timeout=60s`],
    ['a wait for nothing', () => 'wait=stored'],
    ['another state', () => `receipt=${first}&wait=published`],
    ['too long a wait', () => `receipt=${first}&wait=stored&timeout=61s`],
    ['half a lineage', () => 'lineage=half'],
  ])('takes %s for a bad parameter', async (_, query) => {
    expect(codeOf(await api.get<Problem>(`/orders/row-1?${query()}`))).toEqual([400, 'bad_parameter']);
  });

  it('says of a receipt from the future what comes next, and what to do', async () => {
    const partition = Number(behind.split(':')[1]);
    const { body } = await api.get<Problem>(`/orders/row-1?receipt=${topic}:${partition}:999999`);
    expect(body.detail).toBe(
      `partition ${partition} of ${topic} has no offset 999999 yet (next is 42); use the receipt that the POST answered`,
    );
  });

  it('waits for a broker that is silent when it is asked', async () => {
    const { kafka } = await attachStack(process.env['TEST_STACK_DIR']!);
    const [asked] = await duringOutage(kafka!, 'SIGSTOP', async () => {
      const since = stopwatch();
      const answer = api.get<Pending>(`/orders/row-2?receipt=${behind}&wait=stored&timeout=15s`);
      // The first question is given up after 5 s.
      await eventually(async () => since.elapsedMs() > 6_000, { what: '6 s of silence' });
      return [answer];
    });
    expect([(await asked!).status, (await asked!).body.receipt]).toEqual([202, behind]);
  });

  it('answers a waiting reader with the order as soon as the sink has stored it', async () => {
    const waiting = api.get<Order>(`/orders/row-2?receipt=${behind}&wait=stored&timeout=60s`);
    await world.sink.start();
    const { status, body } = await waiting;
    expect([status, body.record['order_id']]).toEqual([200, 'row-2']);
    const again = await api.get<Order>(`/orders/row-1?receipt=${first}`);
    expect([again.status, again.body.record['order_id']]).toEqual([200, 'row-1']);
  });

  it('shows each write to the one who waits for its receipt, update after update', async () => {
    for (let quantity = 1; quantity <= 20; quantity++) {
      const receipt = await post(3, { quantity });
      const { status, body } = await api.get<Order>(`/orders/row-3?receipt=${receipt}&wait=stored&timeout=30s`);
      expect([status, body.record['quantity']]).toEqual([200, quantity]);
    }
  });

  it('says of a record that became a dead letter why, and where the letter is', async () => {
    const refused = await post(4, { order_id: 'i'.repeat(70_000) });
    const [{ offset, partition }] = (await topics.write(topic, [{ value: 'no JSON' }])) as [
      { offset: string; partition: number },
    ];
    const cases = [
      [refused, 'refused_by_store'],
      [`${topic}:${partition}:${offset}`, 'undecodable'],
    ] as const;
    for (const [receipt, code] of cases) {
      const answer = await api.get<Problem>(`/orders/row-4?receipt=${receipt}&wait=stored&timeout=30s`);
      expect(codeOf(answer)).toEqual([422, 'record_rejected']);
      const letter = receipt.replaceAll(':', '-');
      expect(answer.body.errors).toMatchObject([{ code, letter }]);
      expect(answer.body.errors![0]!.detail).not.toBe('');
      const { body } = await api.letter(letter);
      expect([body.id, body.code]).toEqual([letter, code]);
    }
  });
});

describe('where a row came from, and where it went', () => {
  let world: Sandbox;
  let api: ApiClient;
  let topics: KafkaTopics;
  let store: StoreReader;
  let topic: string;

  beforeAll(async () => {
    // Small sends, so that records of others come to lie between those of the upload.
    world = await (await Sandbox.forTests({ PUBLISH_BATCH_ROWS: '100' })).start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    topic = world.topic('orders');
  });
  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  /** The lineage as the API says it; place, line and write time must be those of the table. */
  const lineageOf = async (id: string): Promise<Lineage> => {
    const { status, body } = await api.get<Order>(`/orders/${id}?lineage=true`);
    expect(status).toBe(200);
    const { lineage } = body;
    const row = (await store.rows('orders', 'order_id')).get(id)!;
    expect(lineage).toMatchObject({ topic, partition: row.partition, offset: row.offset, line: lineage!.line });
    expect(lineage!.line ?? -1).toBe(row.jobRow);
    expect(microsOf(lineage!.writeTime)).toBe(row.writeTimeMicros);
    return lineage!;
  };

  it('says of an uploaded row its file, line and job', async () => {
    const form = new FormData();
    form.append('file', new Blob([ordersCsv(0, 10, 'may')], { type: 'text/csv' }), 'orders-of-may.csv');
    const answer = await fetch(`${api.url}/ingest?wait=stored`, { method: 'POST', body: form });
    const { items } = (await answer.json()) as { items: JobView[] };
    const lineage = await lineageOf(orderId(4, 'may'));
    expect(lineage).toMatchObject({ file: 'orders-of-may.csv', line: 6, job: items[0]!.id, kind: 'upload' });
    expect((await api.get<Order>(`/orders/${orderId(4, 'may')}`)).body.lineage).toBeUndefined();
  });

  it('says of a single record that it has no file, line or job', async () => {
    const order = JSON.stringify(numberedOrder(1, {}, 'single'));
    const { body } = await api.post<{ receipt: string }>(order, '', 'application/json');
    await api.get(`/orders/single-1?receipt=${body.receipt}&wait=stored&timeout=30s`);
    const lineage = await lineageOf('single-1');
    expect(lineage).toMatchObject({ file: null, line: null, job: null, kind: null });
    expect(`${topic}:${lineage.partition}:${lineage.offset}`).toBe(body.receipt);
  });

  it('says of a generated record its run and index, and of that index its record', async () => {
    const { body: run } = await api.get<JobView & { run: { runKey: string } }>('/generate?rate=200&count=50&seed=9');
    await api.settled(run.id);
    const id = `${run.run.runKey}-31`;
    expect(await lineageOf(id)).toMatchObject({ file: null, line: 31, job: run.id, kind: 'run' });
    for (const [index, orderOf] of [0, 31, 49].entries()) {
      const { status, body } = await api.get<JobRow>(`/jobs/${run.id}/rows/${orderOf}`);
      expect([index, status, body.record['order_id']]).toEqual([index, 200, `${run.run.runKey}-${orderOf}`]);
    }
  });

  describe('the rows of an upload of 3,000 beside another producer', () => {
    const ROWS = 3_000;
    /** So many rows are published together. */
    const PIECE = 1_000;
    let job: JobView;

    /** After each piece others write into every partition, once most of the piece is there. */
    beforeAll(async () => {
      const upload = new SlowUpload(api.url, '?wait=stored');
      await upload.send(`${ORDER_HEADER}\n`);
      for (let from = 0; from < ROWS; from += PIECE) {
        const before = await topics.length(topic);
        const lines = Array.from({ length: PIECE }, (_, i) => orderLine(from + i, cellsOf(from + i + 2), 'traced'));
        await upload.send(`${lines.join('\n')}\n`);
        await eventually(async () => (await topics.length(topic)) >= before + PIECE / 5, {
          what: 'a piece on its topic',
        });
        const others = [0, 1, 2].flatMap((partition) =>
          Array.from({ length: 5 }, (_, i) => ({ partition, value: orderJson(from + i, {}) })),
        );
        await topics.write(topic, others);
      }
      const answer = await upload.end<JobView>();
      job = answer.body;
      expect([answer.status, job.counts.received]).toEqual([200, ROWS]);
    });

    /** Line 2,000 is refused at the door. */
    const cellsOf = (line: number): Readonly<Record<string, string>> => (line === 2_000 ? { quantity: 'many' } : {});

    const row = (line: number): Promise<JsonAnswer<JobRow>> => api.get<JobRow>(`/jobs/${job.id}/rows/${line}`);

    it('lie in several segments per partition', () => {
      for (const partition of [0, 1, 2]) {
        expect(job.segments.filter((segment) => segment.partition === partition).length).toBeGreaterThan(1);
      }
    });

    it.each([2, 3, 500, 1_501, 2_999, 3_001])('has row %i where the table says it came from, stored', async (line) => {
      const id = orderId(line - 2, 'traced');
      const { status, body } = await row(line);
      expect(status).toBe(200);
      const { partition, offset, writeTime } = await lineageOf(id);
      expect(body).toMatchObject({ job: job.id, row: line, topic, partition, offset, writeTime, outcome: 'stored' });
      expect(body.record).toMatchObject({ order_id: id, quantity: ((line - 2) % 10) + 1 });
      expect(body.key).toBe(body.record['category']);
      expect(body.letter).toBeUndefined();
    });

    it('finds every 97th row, each under its own number', async () => {
      const lines = Array.from({ length: 10 }, (_, i) => 2 + i * 97);
      const answers = await Promise.all(lines.map(row));
      expect(answers.map(({ body }) => body.record?.['order_id'])).toEqual(
        lines.map((line) => orderId(line - 2, 'traced')),
      );
    });

    it('says of a row that was refused at the door why, and shows it; and of no row that it is none', async () => {
      const refused = await api.get<Record<string, unknown>>(`/jobs/${job.id}/rows/2000`);
      expect([refused.status, refused.body]).toEqual([
        200,
        {
          job: job.id,
          row: 2_000,
          outcome: 'rejected',
          stage: 'door',
          code: 'bad_int',
          column: 'quantity',
          reason: expect.stringContaining('many'),
          raw: orderLine(1_998, { quantity: 'many' }, 'traced'),
        },
      ]);
      for (const line of [1, 3_002]) {
        const answer = (await row(line)) as unknown as JsonAnswer<Problem>;
        expect(codeOf(answer)).toEqual([404, 'row_not_found']);
        expect(answer.body.detail).toContain('rejected at the door');
      }
      expect(codeOf(await api.get<Problem>(`/jobs/${job.id}/rows/first`))).toEqual([400, 'bad_parameter']);
      const nobody = '00000000-0000-4000-8000-000000000000';
      expect(codeOf(await api.get<Problem>(`/jobs/${nobody}/rows/2`))).toEqual([404, 'job_not_found']);
    });

    it('leaves no group behind, and the sink in its own', async () => {
      const ownGroup = async () => {
        const groups = (await topics.groups()).filter((group) => group.startsWith(world.id));
        return groups.length === 1 && groups[0] === world.id;
      };
      // A row is answered without waiting for the end of the group that has read it.
      await eventually(ownGroup, { what: 'no group but that of the sink' });
      expect((await fetch(`${world.sink.url}/health/ready`)).status).toBe(200);
    });

    it('answers 410 once the topic has deleted the record, and still finds those that are left', async () => {
      const cut = (await row(1_501)).body;
      await topics.deleteBefore(topic, cut.partition, String(BigInt(cut.offset) + 1n));
      const gone = (await row(1_501)) as unknown as JsonAnswer<Problem>;
      expect(codeOf(gone)).toEqual([410, 'expired']);
      const next = job.segments.filter(({ partition }) => partition === cut.partition).at(-1)!;
      const left = await row(next.lastRow);
      expect([left.status, left.body.partition]).toEqual([200, cut.partition]);
      expect((await api.get(`/orders/${orderId(1_499, 'traced')}`)).status).toBe(200);
    });
  });

  it('says of a row that only Cassandra refuses that it is rejected, with its letter', async () => {
    const rows = [numberedOrder(0, {}, 'odd'), numberedOrder(1, { order_id: 'i'.repeat(70_000) })];
    const job = await api.upload(
      rows.map((row) => JSON.stringify(row)).join('\n'),
      '?wait=stored',
      'application/x-ndjson',
    );
    const { status, body } = await api.get<JobRow>(`/jobs/${job.id}/rows/2`);
    expect([status, body.outcome, body.letter?.code]).toEqual([200, 'rejected', 'refused_by_store']);
    expect(body.letter!.id).toBe(`${topic}-${body.partition}-${body.offset}`);
  });

  it('says of rows the sink has not reached that they are pending', async () => {
    await world.sink.stop();
    const job = await api.upload(ordersCsv(0, 3, 'waiting'));
    const { status, body } = await api.get<JobRow>(`/jobs/${job.id}/rows/3`);
    expect([status, body.outcome, body.record['order_id']]).toEqual([200, 'pending', 'waiting-1']);
    const age = BigInt(Date.now()) * 1_000n - microsOf(body.writeTime);
    expect(age > -HOUR && age < HOUR).toBe(true);
    await world.sink.start();
    await api.settled(job.id);
    expect((await api.get<JobRow>(`/jobs/${job.id}/rows/3`)).body.outcome).toBe('stored');
  });

  it('says that the store is unavailable while Cassandra hangs', async () => {
    const order = JSON.stringify(numberedOrder(2, {}, 'single'));
    const { body } = await api.post<{ receipt: string }>(order, '', 'application/json');
    const address = `/orders/single-2?receipt=${body.receipt}&wait=stored&timeout=30s`;
    expect((await api.get(address)).status).toBe(200);
    const { cassandra } = await attachStack(process.env['TEST_STACK_DIR']!);
    const answer = await duringOutage(cassandra!, 'SIGSTOP', () => api.get<Problem>(address));
    expect(codeOf(answer)).toEqual([503, 'store_unavailable']);
  });
});
