import { jest } from '@jest/globals';
import type { JobView } from '@orderstream/contracts';
import { ApiClient, eventually, ORDER_HEADER, orderLine, RawRequest, Sandbox } from '@orderstream/testing';

jest.setTimeout(180_000);

const CSV = { 'content-type': 'text/csv' };
const WINDOW_MS = 5_000;
const settings = { MAX_UPLOADS: '1', MAX_BODY_BYTES: '1MiB', UPLOAD_RATE_WINDOW: `${WINDOW_MS}ms` };
const SOUND = `line,${ORDER_HEADER}\n3,${orderLine(1)}\n`;

describe('a repair has the guards of an upload', () => {
  let world: Sandbox;
  let api: ApiClient;
  let job: JobView;
  const open: RawRequest[] = [];

  beforeAll(async () => {
    world = await (await Sandbox.forTests(settings)).start();
    api = new ApiClient(world.api.url);
  });
  afterEach(() => open.splice(0).forEach((each) => each.close()));
  afterAll(() => world?.close());

  beforeEach(async () => {
    job = await api.upload([ORDER_HEADER, orderLine(0), orderLine(1, { price: 'x' }), ''].join('\n'), '?wait=stored');
  });

  const repair = async (headers: Readonly<Record<string, string>>, id = job.id): Promise<RawRequest> => {
    const raw = await RawRequest.open(world.api.port);
    open.push(raw);
    raw.head(`POST /jobs/${id}/repair?wait=stored HTTP/1.1`, { ...CSV, ...headers });
    return raw;
  };
  const asking = (bytes = SOUND.length) => ({ 'content-length': String(bytes), expect: '100-continue' });

  it('one that is good is told to go on, and then answered', async () => {
    const raw = await repair(asking());
    await raw.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    raw.write(SOUND);
    const [, json] = await raw.until(/\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n(\{.*\})$/);
    expect((JSON.parse(json!) as JobView).counts).toMatchObject({ stored: 2, rejected: 0 });
  });

  it('an unknown job, another type, too large a body: refused without 100 Continue', async () => {
    const unknown = await repair(asking(), '00000000-0000-4000-8000-000000000000');
    await unknown.until(/^HTTP\/1\.1 404 [^]*"code":"job_not_found"/);
    const json = await repair({ ...asking(), 'content-type': 'application/json' });
    await json.until(/^HTTP\/1\.1 415 [^]*"code":"unsupported_media_type"/);
    const large = await repair(asking(2 * 1024 * 1024));
    await large.until(/^HTTP\/1\.1 413 [^]*"code":"body_too_large"/);
    for (const raw of [unknown, json, large]) expect(raw.received).not.toContain('100 Continue');
  });

  it('a job that is not settled: refused without 100 Continue', async () => {
    await world.sink.stop();
    try {
      const early = await api.upload([ORDER_HEADER, orderLine(2), ''].join('\n'));
      const raw = await repair(asking(), early.id);
      await raw.until(/^HTTP\/1\.1 409 [^]*"code":"job_not_settled"/);
      expect(raw.received).not.toContain('100 Continue');
    } finally {
      await world.sink.start();
    }
  });

  it('a sender that says nothing is given up, and the job is free for the next; meanwhile it has the only slot', async () => {
    const silent = await repair({ 'transfer-encoding': 'chunked', expect: '100-continue' });
    await silent.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    const other = await repair(asking());
    await other.until(/^HTTP\/1\.1 429 [^]*"code":"too_many_requests"/);
    await silent.until(/HTTP\/1\.1 408 [^]*"code":"upload_too_slow"/, 5 * WINDOW_MS);
    const after = await eventually(async () => {
      const init = { method: 'POST', body: SOUND, headers: CSV };
      const answer = await fetch(`${api.url}/jobs/${job.id}/repair?wait=stored`, init);
      return answer.status === 200 && ((await answer.json()) as JobView);
    });
    expect(after.counts).toMatchObject({ stored: 2, rejected: 0 });
  });
});
