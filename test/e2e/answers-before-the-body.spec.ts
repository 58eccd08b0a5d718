import { jest } from '@jest/globals';
import type { JobView, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  eventually,
  FaultProxy,
  numberedOrder,
  ORDER_HEADER,
  ordersCsv,
  RawRequest,
  Sandbox,
} from '@orderstream/testing';

jest.setTimeout(120_000);

const MIB = 1024 * 1024;
const PART = `--b\r\ncontent-disposition: form-data; name="f"; filename="f.csv"\r\ncontent-type: text/csv\r\n\r\n`;
const CSV = { 'content-type': 'text/csv' };
const asking = (headers: object, bytes = 1000) => ({
  'content-length': String(bytes),
  expect: '100-continue',
  ...headers,
});

describe('an answer that needs no body comes before it', () => {
  let world: Sandbox;
  let api: ApiClient;
  const open: RawRequest[] = [];

  beforeAll(async () => {
    const settings = { MAX_UPLOADS: '3', MAX_BODY_BYTES: '64MiB', SHUTDOWN_TIMEOUT: '3s' };
    world = await (await Sandbox.forTests(settings)).start();
    api = new ApiClient(world.api.url);
  });
  afterEach(() => open.splice(0).forEach((each) => each.close()));
  afterAll(() => world?.close());

  const request = async (line: string, headers: Readonly<Record<string, string>>): Promise<RawRequest> => {
    const raw = await RawRequest.open(world.api.port);
    open.push(raw);
    raw.head(line, headers);
    return raw;
  };
  const ingest = (headers: Readonly<Record<string, string>>, query = '') =>
    request(`POST /ingest${query} HTTP/1.1`, headers);

  it('a request that asks and is good: 100 Continue, and then the answer', async () => {
    const body = ordersCsv(0, 20, 'asked');
    const raw = await ingest(asking(CSV, body.length), '?wait=stored');
    await raw.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    raw.write(body);
    await raw.until(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const [, json] = await raw.until(/\r\n\r\n(\{.*\})$/);
    expect((JSON.parse(json!) as JobView).counts).toMatchObject({ received: 20, stored: 20 });
  });

  it('a good request of several files: 100 Continue too', async () => {
    const body = `${PART}${ordersCsv(0, 5, 'part')}\r\n--b--\r\n`;
    const raw = await ingest(asking({ 'content-type': 'multipart/form-data; boundary=b' }, body.length));
    await raw.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    raw.write(body);
    await raw.until(/\r\n\r\nHTTP\/1\.1 202 /);
  });

  const REFUSED: readonly [string, Readonly<Record<string, string>>, string, number, string][] = [
    ['a type that is not taken', { 'content-type': 'image/png' }, '', 415, 'unsupported_media_type'],
    ['an encoding that is not taken', { ...CSV, 'content-encoding': 'br' }, '', 415, 'unsupported_encoding'],
    ['a parameter that is wrong', CSV, '?wait=never', 400, 'bad_parameter'],
    ['a delimiter that is none', CSV, '?delimiter=xx', 400, 'bad_parameter'],
    ['a key that is none', { ...CSV, 'idempotency-key': 'a b' }, '', 400, 'bad_parameter'],
    ['a key that is none, of several files', { ...multipart(), 'idempotency-key': 'a b' }, '', 400, 'bad_parameter'],
    ['a stream that is not there', CSV, '?stream=none', 404, 'stream_not_found'],
    ['several files for a stream that is not there', multipart(), '?stream=none', 404, 'stream_not_found'],
    ['several files without a boundary', { 'content-type': 'multipart/form-data' }, '', 422, 'broken_multipart'],
    ['a body that is too large', { ...CSV, 'content-length': String(65 * MIB) }, '', 413, 'body_too_large'],
  ];
  it.each(REFUSED)('%s: refused without 100 Continue', async (_, headers, query, status, code) => {
    const raw = await ingest(asking(headers), query);
    const [, first] = await raw.until(/^HTTP\/1\.1 (\d+) /);
    await raw.until(/\r\n\r\n\{.*\}$/);
    expect(Number(first)).toBe(status);
    expect(raw.received).toContain(`"code":"${code}"`);
    expect(raw.received).not.toContain('100 Continue');
  });

  it('a key whose upload is running, and more uploads than may be: refused without 100 Continue', async () => {
    const one = await ingest({ ...CSV, 'idempotency-key': 'one', 'transfer-encoding': 'chunked' });
    one.write(chunk(ordersCsv(0, 100, 'one')));
    const two = await ingest({ ...multipart(), 'idempotency-key': 'two', 'transfer-encoding': 'chunked' });
    two.write(chunk(`${PART}${ordersCsv(0, 100, 'two')}`));
    for (const key of ['one', 'two'])
      await eventually(async () => (await api.get<{ items: unknown[] }>(`/jobs?key=${key}`)).body.items[0]);
    const again = await ingest(asking({ ...CSV, 'idempotency-key': 'one' }));
    await again.until(/^HTTP\/1\.1 409 [^]*"code":"job_running"/);
    const files = await ingest(asking({ ...multipart(), 'idempotency-key': 'two' }));
    await files.until(/^HTTP\/1\.1 409 [^]*"code":"job_running"/);
    const third = await ingest({ ...CSV, 'transfer-encoding': 'chunked', 'idempotency-key': 'three' });
    third.write(chunk(`${ORDER_HEADER}\n`));
    const uploads = async () => /^\S*uploads_open\S* (\d+)$/m.exec(await (await fetch(`${api.url}/metrics`)).text());
    await eventually(async () => (await uploads())?.[1] === '3', { what: 'three uploads at once' });
    const fourth = await ingest(asking(CSV));
    await fourth.until(/^HTTP\/1\.1 429 [^]*"code":"too_many_requests"/);
  });

  it('an address that nobody answers: 404 without 100 Continue; another route than uploads: 100 at once', async () => {
    const nowhere = await request('POST /nowhere HTTP/1.1', asking(CSV));
    await nowhere.until(/^HTTP\/1\.1 404 /);
    const other = await request('DELETE /jobs/none HTTP/1.1', asking({}));
    await other.until(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 404 /);
  });

  // What is sent goes on after the answer; a reset would make the system throw away what it had received of it.
  const EARLY: readonly [string, string, Readonly<Record<string, string>>, string][] = [
    ['a parameter that is wrong', 'POST /ingest?wait=never', CSV, 'bad_parameter'],
    ['an address that nobody answers', 'POST /nowhere', CSV, 'not_found'],
    ['a route that reads no body', 'DELETE /jobs/none', CSV, 'job_not_found'],
    ['a header that fits nothing', 'POST /ingest', CSV, 'unknown_header'],
    ['gzip that is none', 'POST /ingest', { ...CSV, 'content-encoding': 'gzip' }, 'broken_gzip'],
    ['a multipart body without a file', 'POST /ingest', multipart(), 'broken_multipart'],
    ['JSON that is none', 'POST /ingest', { 'content-type': 'application/json' }, 'body_too_large'],
  ];
  const closing = EARLY.flatMap((each) => [[...each, 'keep-alive'] as const, [...each, 'close'] as const]);
  it.each(closing)('%s: 7 MiB are read on before the end (%#)', async (_, line, headers, code, connection) => {
    const bytes = 7 * MIB;
    const raw = await request(`${line} HTTP/1.1`, { ...headers, connection, 'content-length': String(bytes) });
    const piece = Buffer.alloc(MIB / 4, 'x,y\n');
    raw.write(piece);
    if (code !== 'broken_multipart' && code !== 'body_too_large') await raw.until(/^HTTP\/1\.1 4/);
    for (let sent = piece.length; sent < bytes; sent += piece.length) {
      raw.write(piece);
    }
    await raw.drained();
    await raw.until(/^HTTP\/1\.1 4/);
    await raw.until(new RegExp(`"code":"${code}"`));
    if (connection === 'close') await eventually(() => Promise.resolve(raw.isClosed));
    expect(raw.failure).toBeUndefined();
  });

  it('after 2 s, or 8 MiB, the connection is closed', async () => {
    const silent = await request('POST /nowhere HTTP/1.1', { ...CSV, 'content-length': '1000' });
    await silent.until(/^HTTP\/1\.1 404 /);
    await eventually(() => Promise.resolve(silent.isClosed), { timeoutMs: 20_000, what: 'the silent one closed' });
    const endless = await request('POST /nowhere HTTP/1.1', { ...CSV, 'content-length': String(1024 * MIB) });
    const piece = Buffer.alloc(MIB, 'x');
    const goOn = (): Promise<true | undefined> => {
      if (!endless.isClosed) endless.write(piece);
      return Promise.resolve(endless.isClosed || undefined);
    };
    await eventually(goOn, { timeoutMs: 20_000, everyMs: 10, what: 'the endless one closed' });
  });

  it('a job that is cancelled while its sender is sending: the sender sees the answer', async () => {
    const raw = await ingest({ ...CSV, 'transfer-encoding': 'chunked', 'idempotency-key': 'cancelled' });
    raw.write(chunk(ordersCsv(0, 100, 'cancelled')));
    const { id } = await eventually(
      async () => (await api.get<{ items: JobView[] }>('/jobs?key=cancelled')).body.items[0],
    );
    expect((await fetch(`${api.url}/jobs/${id}`, { method: 'DELETE' })).status).toBe(200);
    await raw.until(/^HTTP\/1\.1 409 [^]*"code":"job_cancelled"/);
    for (let sent = 0; sent < 6; sent++) {
      raw.write(chunk(Buffer.alloc(MIB, 'x').toString()));
      await raw.drained();
    }
    raw.write('0\r\n\r\n');
    raw.head('GET /health/live HTTP/1.1', {}); // the same connection goes on
    await raw.until(/\}HTTP\/1\.1 200 OK/);
    expect(raw.failure).toBeUndefined();
  });

  it('what is no HTTP at all, or has too large a header, is answered with a problem too', async () => {
    const nonsense = await RawRequest.open(world.api.port);
    open.push(nonsense);
    nonsense.write('nonsense\r\n\r\n');
    await nonsense.until(/^HTTP\/1\.1 400 [^]*problem\+json[^]*"code":"bad_request"/);
    const large = await ingest({ ...CSV, 'x-large': 'x'.repeat(MIB) });
    await large.until(/^HTTP\/1\.1 431 [^]*problem\+json[^]*"code":"header_too_large"/);
    expect(large.failure).toBeUndefined();
  });
});

describe('an upload for which there is no room is told so before its body', () => {
  const TYPES = [CSV, { 'content-type': 'application/x-ndjson' }, multipart()];
  let world: Sandbox;
  let api: ApiClient;
  let store: FaultProxy;

  beforeAll(async () => {
    const plain = await Sandbox.forTests();
    store = await FaultProxy.to(plain.options.contactPoints.split(',')[0]!);
    world = await (
      await Sandbox.forTests({ CASSANDRA_CONTACT_POINTS: store.address, MAX_LAG_ROWS: '1000', SHUTDOWN_TIMEOUT: '3s' })
    ).start();
    api = new ApiClient(world.api.url);
  });
  afterAll(async () => {
    await world?.close();
    await store?.close().catch(() => undefined); // closed already
  });

  const refusedWithoutContinue = async (headers: Readonly<Record<string, string>>, answer: RegExp): Promise<void> => {
    const raw = await RawRequest.open(world.api.port);
    try {
      raw.head('POST /ingest HTTP/1.1', asking(headers));
      await raw.until(answer);
      expect(raw.received).toMatch(/\r\nretry-after: [1-9]/i);
      expect(raw.received).not.toContain('100 Continue');
    } finally {
      raw.close();
    }
  };
  const single = () => api.post(JSON.stringify(numberedOrder(1)), '', 'application/json');

  it('the sink is too far behind: 429 lag_too_high; single records are taken', async () => {
    await world.sink.kill();
    await api.upload(ordersCsv(0, 1_000, 'lag'));
    for (const type of TYPES) await refusedWithoutContinue(type, /^HTTP\/1\.1 429 [^]*"code":"lag_too_high"/);
    expect((await single()).status).toBe(202);
  });

  it('Cassandra is away: 503 store_unavailable; single records are taken, with a key they are refused for it', async () => {
    await store.close();
    const look = async () => (await api.post<Problem>(ordersCsv(0, 1))).body.code === 'store_unavailable' || undefined;
    await eventually(look, { timeoutMs: 30_000, everyMs: 100, what: 'the API sees that Cassandra is away' });
    for (const type of TYPES) await refusedWithoutContinue(type, /^HTTP\/1\.1 503 [^]*"code":"store_unavailable"/);
    expect((await single()).status).toBe(202);
    const key = { 'idempotency-key': 'single' };
    const keyed = await api.post<Problem>(JSON.stringify(numberedOrder(1)), '', 'application/json', key);
    expect([keyed.status, keyed.body.code]).toEqual([422, 'idempotency_key_not_supported']);
  });
});

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

function multipart(): Readonly<Record<string, string>> {
  return { 'content-type': 'multipart/form-data; boundary=b' };
}
