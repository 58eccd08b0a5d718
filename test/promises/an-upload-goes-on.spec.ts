/** Promises 1, 2 and 5 for the sender of a file: what broke off goes on, what was sent twice counts once. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  checkOrders,
  countsClose,
  eventually,
  numberedOrder,
  ORDER_HEADER,
  orderIds,
  orderLine,
  ordersCsv,
  Sandbox,
  SlowUpload,
  StoreHand,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const keyed = (key: string) => ({ 'idempotency-key': key });
const linesOf = (from: number, to: number, prefix: string): string =>
  Array.from({ length: to - from }, (_, i) => `${orderLine(from + i, {}, prefix)}\n`).join('');

describe('an upload', () => {
  let world: Sandbox;
  let api: ApiClient;
  let store: StoreHand;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
    store = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  });
  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  /** Published rows of a job as the next process would find them; this one knows of more. */
  const publishedInTable = async (id: string): Promise<number> => {
    const [row] = await store.run('SELECT DISTINCT published FROM {keyspace}.jobs WHERE id = ?', [id]);
    return Number(row?.['published'] ?? 0);
  };

  const jobsOf = async (key: string): Promise<readonly JobView[]> =>
    (await api.get<Page<JobView>>(`/jobs?key=${key}`)).body.items;

  /** The job of a key once so many of its rows at least are on the topic, and the first ones stored. */
  const onceAcknowledged = (key: string, rows: number): Promise<JobView> =>
    eventually(
      async () => {
        const [job] = await jobsOf(key);
        return job && job.counts.published >= rows && job.counts.stored > 0 ? job : undefined;
      },
      { timeoutMs: 30_000, what: `${rows} rows of ${key} published` },
    );

  /** Sends the first half, and kills the API once some of it was acknowledged and written down; the sink too, if told. */
  async function killedInTheMiddle(key: string, half: string, alsoSink = false): Promise<JobView> {
    const upload = new SlowUpload(world.api.url, '', keyed(key));
    await upload.send(half);
    const job = await onceAcknowledged(key, 1_000);
    const isWrittenDown = async () => (await publishedInTable(job.id)) >= 1_000;
    await eventually(isWrittenDown, { what: 'a checkpoint of the first rows' });
    await Promise.all([world.api.kill(), alsoSink && world.sink.kill()]);
    upload.abort();
    await Promise.all([world.api.start(), alsoSink && world.sink.start()]);
    return job;
  }

  it('that was broken off by a killed API goes on under its key: every row once in the counts, every row in the table', async () => {
    const first = linesOf(0, 12_000, 'go');
    const before = await killedInTheMiddle('go-on', `${ORDER_HEADER}\n${first}`);
    const [orphan] = await eventually(
      async () => {
        const jobs = await jobsOf('go-on');
        return jobs[0]?.state === 'interrupted' ? jobs : undefined;
      },
      { timeoutMs: 10_000, what: 'the orphan shown as interrupted' },
    );
    expect(orphan!.counts.accepted).toBeGreaterThan(0);

    // Newer than the upload, though it arrives before the row of the file does.
    const update = numberedOrder(15_000, { product: 'the newer one' }, 'go');
    expect((await api.post(JSON.stringify(update), '', 'application/json')).status).toBe(202);

    const whole = `${ORDER_HEADER}\n${first}${linesOf(12_000, 20_000, 'go')}`;
    const again = await api.post<JobView>(whole, '?wait=stored&timeout=2m', 'text/csv', keyed('go-on'));
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toMatchObject({
      id: before.id,
      state: 'stored',
      counts: { received: 20_000, accepted: 20_000, stored: 20_000, rejected: 0, pending: 0 },
    });
    expect(again.body.segments.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
    expect(await checkOrders(world, orderIds(0, 20_000, 'go'), 'go-')).toBe(20_000);
    const order = await api.get<{ record: { product: string } }>('/orders/go-15000');
    expect(order.body.record.product).toBe('the newer one');
  });

  it('that was broken off when both the API and the sink were killed goes on all the same', async () => {
    const first = linesOf(0, 12_000, 'both');
    const { id } = await killedInTheMiddle('both', `${ORDER_HEADER}\n${first}`, true);
    const whole = `${ORDER_HEADER}\n${first}${linesOf(12_000, 20_000, 'both')}`;
    const again = async () => {
      const answer = await api.post<JobView>(whole, '?wait=stored&timeout=2m', 'text/csv', keyed('both'));
      return answer.status === 409 ? undefined : answer; // the lease of the dead process has to run out first
    };
    const { status, body } = await eventually(again, { timeoutMs: 150_000, what: 'the upload taken up again' });
    expect([status, body.id]).toEqual([200, id]);
    expect(body.counts).toMatchObject({ received: 20_000, accepted: 20_000, stored: 20_000, rejected: 0, pending: 0 });
    expect(await checkOrders(world, orderIds(0, 20_000, 'both'), 'both-')).toBe(20_000);
  });

  it('that nobody sends again is settled by whoever is asked: what was accepted is stored, and nothing is pending', async () => {
    const { id } = await killedInTheMiddle('orphan', `${ORDER_HEADER}\n${linesOf(0, 9_000, 'orphan')}`);
    const job = await api.settled(id);
    expect(job.state).toBe('interrupted');
    expect(job.counts.accepted).toBeGreaterThan(0);
    expect(job.counts).toMatchObject({ stored: job.counts.accepted, pending: 0, rejected: 0 });
    countsClose(job);
  });

  it('that was broken off does not go on with another file under its key', async () => {
    await killedInTheMiddle('other', `${ORDER_HEADER}\n${linesOf(0, 9_000, 'other')}`);
    const changed = `${ORDER_HEADER}\n${linesOf(1, 12_000, 'other')}`;
    const look = async () => {
      const answer = await api.post<Problem>(changed, '', 'text/csv', keyed('other'));
      return answer.status === 409 ? undefined : answer; // the lease of the dead process has to run out first
    };
    const { status, body } = await eventually(look, { timeoutMs: 10_000, everyMs: 200, what: 'the key free' });
    expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('that comes again with the same key and bytes is answered with the first job, and stores nothing twice', async () => {
    const csv = ordersCsv(0, 500, 'twice');
    const first = await api.post<JobView>(csv, '?wait=stored', 'text/csv', keyed('twice'));
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([200, null]);
    const second = await api.post<JobView>(csv, '?wait=stored', 'text/csv', keyed('twice'));
    expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(second.body).toEqual(first.body);
  });

  it.each([
    ['other bytes', ordersCsv(0, 501, 'reused'), ''],
    ['other options', ordersCsv(0, 500, 'reused'), '?extra=reject'],
  ])('that comes with a used key and %s is refused', async (_, csv, query) => {
    await api.post(ordersCsv(0, 500, 'reused'), '', 'text/csv', keyed('reused'));
    const { status, body } = await api.post<Problem>(csv, query, 'text/csv', keyed('reused'));
    expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('that comes while the first one under its key is still being received is told to wait', async () => {
    const upload = new SlowUpload(world.api.url, '', keyed('busy'));
    await upload.send(`${ORDER_HEADER}\n${linesOf(0, 2_000, 'busy')}`);
    await eventually(async () => (await jobsOf('busy'))[0], { timeoutMs: 10_000, what: 'the job of the key' });
    const { status, headers, body } = await api.post<Problem>(ordersCsv(0, 10), '', 'text/csv', keyed('busy'));
    expect([status, body.code]).toEqual([409, 'job_running']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await upload.end<JobView>()).body.counts.accepted).toBe(2_000);
  });

  it('that was refused leaves its key free', async () => {
    const bad = await api.post<Problem>('a,b\n1,2\n', '', 'text/csv', keyed('freed'));
    expect(bad.body.code).toBe('unknown_header');
    const good = await api.post<JobView>(ordersCsv(0, 10, 'freed'), '', 'text/csv', keyed('freed'));
    expect([good.status, good.headers.get('idempotent-replayed')]).toEqual([202, null]);
  });

  it('of several files has a job per file under its key, and comes again as the same jobs', async () => {
    const form = () => {
      const data = new FormData();
      data.append('a', new Blob([ordersCsv(0, 20, 'fa')], { type: 'text/csv' }), 'a.csv');
      data.append('b', new Blob([ordersCsv(0, 30, 'fb')], { type: 'text/csv' }), 'b.csv');
      return data;
    };
    const send = async () => {
      const init = { method: 'POST', body: form(), headers: keyed('files') };
      return (await (await fetch(`${world.api.url}/ingest`, init)).json()) as Page<JobView>;
    };
    const ids = (await send()).items.map(({ id }) => id);
    expect((await send()).items.map(({ id }) => id)).toEqual(ids);
    expect((await jobsOf('files')).map(({ id }) => id)).toEqual(ids);
  });

  it('can be cancelled while its sender is silent: it says so to both, and what was published is stored', async () => {
    const upload = new SlowUpload(world.api.url, '', keyed('cancel'));
    await upload.send(`${ORDER_HEADER}\n${linesOf(0, 3_000, 'cancel')}`);
    const { id } = await onceAcknowledged('cancel', 1_000);
    const answer = await fetch(`${world.api.url}/jobs/${id}`, { method: 'DELETE' });
    expect([answer.status, ((await answer.json()) as JobView).state]).toEqual([200, 'cancelled']);
    expect(await upload.answer<Problem>()).toMatchObject({ status: 409, body: { code: 'job_cancelled' } });
    upload.abort();
    const job = await api.settled(id);
    expect(job).toMatchObject({ state: 'cancelled', counts: { pending: 0, stored: job.counts.accepted } });
  });

  it('can be followed as server-sent events until it is settled; who comes back after that is told to stop', async () => {
    const job = await api.upload(ordersCsv(0, 3_000, 'sse'));
    const events = await fetch(`${world.api.url}/jobs/${job.id}/events`);
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    const text = await events.text(); // ends by itself
    expect(text).toMatch(/^retry: 2000\n\n/);
    const last = text.trim().split('\n\n').at(-1)!;
    const [, name, id, data] = /^event: (.+)\nid: (.+)\ndata: (.+)$/.exec(last)!;
    expect(name).toBe('done');
    expect((JSON.parse(data!) as JobView).counts).toMatchObject({ stored: 3_000, pending: 0 });
    const back = await fetch(`${world.api.url}/jobs/${job.id}/events`, { headers: { 'last-event-id': id! } });
    expect(back.status).toBe(204);
  });

  it('is found in the list by state, stream and time', async () => {
    const before = new Date().toISOString();
    const job = await api.upload(ordersCsv(0, 10, 'listed'), '?wait=stored');
    const idsOf = async (query: string) =>
      (await api.get<Page<JobView>>(`/jobs?${query}`)).body.items.map(({ id }) => id);
    expect(await idsOf(`from=${before}&state=stored&stream=orders`)).toEqual([job.id]);
    expect(await idsOf(`from=${before}&state=interrupted`)).toEqual([]);
    expect(await idsOf(`from=${before}&stream=users`)).toEqual([]);
    expect(await idsOf(`to=${before}&limit=1000`)).not.toContain(job.id);
    expect(await idsOf('key=go-on')).toHaveLength(1);
  });
});
