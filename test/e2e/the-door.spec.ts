import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import { ApiClient, eventually, Sandbox } from '@orderstream/testing';

const sample = await readFile(new URL('../../samples/olist-orders.csv', import.meta.url));
const order = (id: string, more: object = {}) => ({
  order_id: id,
  product: 'Lamp',
  category: 'home',
  quantity: 2,
  price: '12.50',
  timestamp: '2026-01-01T00:00:00Z',
  ...more,
});

describe('the door takes every shape in which rows come', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
  }, 120_000);
  afterAll(() => world?.close());

  const newestJobs = async () => (await api.get<Page<JobView>>('/jobs?limit=1')).body.items;
  const stored = (id: string) =>
    eventually(async () => {
      const { status, body } = await api.get<{ record: object }>(`/orders/${id}`);
      return status === 200 && body.record;
    });

  it('gzip: the same rows, and the digest of the bytes inside', async () => {
    const send = (body: Buffer, encoding: object) =>
      fetch(`${api.url}/ingest?wait=stored`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/csv', ...encoding },
      });
    const plain = (await (await send(sample, {})).json()) as JobView;
    const zipped = (await (await send(gzipSync(sample), { 'content-encoding': 'gzip' })).json()) as JobView;
    expect(zipped.counts).toEqual(plain.counts);
    expect(zipped.source).toEqual(plain.source);
  });

  it('multipart: one job per file, and a file that is refused costs the others nothing', async () => {
    const form = new FormData();
    form.append('a', new Blob([sample], { type: 'text/csv' }), 'a.csv');
    form.append('b', new Blob(['x,y\n1,2\n'], { type: 'text/csv' }), 'b.csv');
    form.append('c', new Blob([JSON.stringify([order('m1')])], { type: 'application/json' }), 'c.json');
    const answer = await fetch(`${api.url}/ingest?wait=stored`, { method: 'POST', body: form });
    expect(answer.status).toBe(202);
    expect(((await answer.json()) as Page<unknown>).items).toMatchObject([
      { source: { name: 'a.csv' }, stream: 'olist-orders', state: 'stored', counts: { stored: 1000 } },
      { file: 'b.csv', code: 'unknown_header' },
      { source: { name: 'c.json' }, stream: 'orders', counts: { stored: 1 } },
    ]);
  });

  it('JSON lines and arrays: bad rows are counted, their neighbours are stored', async () => {
    const lines = [order('n1'), order('n2', { quantity: 0 }), order('n3')].map((each) => JSON.stringify(each));
    const ndjson = await api.upload([...lines, '{nope'].join('\n'), '?wait=stored', 'application/x-ndjson');
    expect(ndjson).toMatchObject({
      counts: { received: 4, stored: 2, rejected: 2 },
      rejectedByCode: { out_of_range: 1, bad_json: 1 },
    });
    const array = await api.upload(JSON.stringify([order('a1'), 7, order('a2')]), '?wait=stored', 'application/json');
    expect(array).toMatchObject({ counts: { received: 3, stored: 2 }, rejectedByCode: { not_an_object: 1 } });
  });

  it('one JSON object: a receipt at once, the record soon', async () => {
    const { status, body } = await api.post<{ receipt: string }>(JSON.stringify(order('s1')), '', 'application/json');
    expect(status).toBe(202);
    expect(body).toMatchObject({
      stream: 'orders',
      key: 'home',
      receipt: expect.stringMatching(/orders:\d:\d+$/) as string,
    });
    expect(await stored('s1')).toMatchObject({ order_id: 's1', total_amount: '25.00' });
  });

  it('one JSON object that is wrong: everything that is wrong with it', async () => {
    const { status, body } = await api.post<Problem>(
      JSON.stringify(order('', { quantity: 'x' })),
      '',
      'application/json',
    );
    expect(status).toBe(422);
    expect(body.code).toBe('invalid_record');
    expect(body.errors).toMatchObject([
      { code: 'missing_value', column: 'order_id' },
      { code: 'bad_int', column: 'quantity', value: 'x' },
    ]);
  });

  it('a body that ends before it was promised to: the job says interrupted, what was published is stored', async () => {
    const upload = request(`${api.url}/ingest`, { method: 'POST', headers: { 'content-type': 'text/csv' } });
    upload.on('error', () => undefined); // the client that goes away does not care
    upload.write(sample.subarray(0, 90_000));
    await eventually(async () => (await newestJobs()).some(({ state }) => state === 'receiving'));
    upload.destroy();
    const job = await eventually(async () => {
      return (await newestJobs()).find(({ state, settledAt }) => state === 'interrupted' && settledAt !== null);
    });
    expect(job.counts.stored).toBe(job.counts.accepted);
  });

  it.each([
    ['an unknown header', 'x,y\n1,2\n', 'text/csv', 422, 'unknown_header'],
    ['a column twice', 'id,id\n1,2\n', 'text/csv', 422, 'duplicate_column'],
    ['no header', '', 'text/csv', 422, 'no_header'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0', 'latin1'), 'text/csv', 422, 'binary_content'],
    ['no row that is right', 'id,email\n,a@b.c\n', 'text/csv', 422, 'no_row_accepted'],
    ['an unknown type', 'x', 'image/png', 415, 'unsupported_media_type'],
    ['broken JSON', '[{"id":"u1"},', 'application/json', 422, 'broken_json'],
  ])('%s: a problem with a stable code', async (_, body, type, status, code) => {
    const answer = await fetch(`${api.url}/ingest`, { method: 'POST', body, headers: { 'content-type': type } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ status, code, instance: '/ingest' });
    expect(answer.status).toBe(status);
  });

  it('a large body that is refused at its first line: the client sees the answer, not a reset', async () => {
    const body = Buffer.alloc(6 * 1024 * 1024, 'id,id\n');
    const { status, body: problem } = await api.post<Problem>(body);
    expect(status).toBe(422);
    expect(problem.code).toBe('duplicate_column');
  });

  it.each([
    ['/ingest?wiat=stored', 'POST', 400, 'bad_parameter'],
    ['/ingest?stream=none', 'POST', 404, 'stream_not_found'],
    ['/jobs/none', 'GET', 404, 'job_not_found'],
    ['/nowhere', 'GET', 404, 'not_found'],
    ['/generate?rate=fast', 'GET', 400, 'bad_parameter'],
    ['/generate?rate=5&duration=forever', 'GET', 400, 'bad_parameter'],
  ])('%s: a problem too', async (path, method, status, code) => {
    const init = method === 'POST' ? { method, body: 'id\n1\n', headers: { 'content-type': 'text/csv' } } : { method };
    const answer = await fetch(api.url + path, init);
    expect(await answer.json()).toMatchObject({ status, code });
  });
});
