/** Single records go before uploads, and who only waits for an answer keeps nobody out. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import { ApiClient, eventually, numberedOrder, ordersCsv, Sandbox, SlowUpload } from '@orderstream/testing';

jest.setTimeout(120_000);

const JSON_TYPE = 'application/json';
const order = (n: number) => JSON.stringify(numberedOrder(n, {}, 'place'));
const keyed = (key: string) => ({ 'idempotency-key': key });

interface Files {
  readonly items: readonly (JobView & Problem)[];
  readonly warnings: readonly string[];
}

describe('the door', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests({ MAX_UPLOADS: '1' })).start();
    api = new ApiClient(world.api.url);
  });
  afterAll(() => world?.close());

  const jobsOf = async (key: string) => (await api.get<Page<JobView>>(`/jobs?key=${key}`)).body.items;
  const isFree = async () => ((await api.post(ordersCsv(0, 1))).status === 202 ? true : undefined);

  describe('with every place of uploads taken', () => {
    let upload: SlowUpload;

    beforeAll(async () => {
      upload = new SlowUpload(api.url, '', keyed('taken'));
      await upload.send(ordersCsv(0, 100, 'taken')); // the first 4 KiB say what it is
      await eventually(async () => (await jobsOf('taken'))[0], { what: 'the upload at the door' });
    });
    afterAll(async () => {
      upload.abort();
      await eventually(isFree, { what: 'the place free again' });
    });

    it.each([
      ['another upload', ordersCsv(0, 1), 'text/csv', '', 429],
      ['an array', `[${order(1)}]`, JSON_TYPE, '', 429],
      ['a single record', order(1), JSON_TYPE, '', 202],
      ['a dry run', ordersCsv(0, 1), 'text/csv', '?dryRun=true', 200],
    ])('%s', async (_, body, type, query, status) => {
      const answer = await api.post<Problem>(body, query, type);
      expect([answer.status, answer.body.code]).toEqual([status, status === 429 ? 'too_many_requests' : undefined]);
    });
  });

  it('has the place of an upload free while its sender waits for what is stored', async () => {
    await world.sink.kill();
    const sent = api.post<JobView>(ordersCsv(0, 10, 'waits'), '?wait=stored&timeout=1m', 'text/csv', keyed('waits'));
    let isAnswered = false;
    void sent.then(() => (isAnswered = true));
    await eventually(async () => (await jobsOf('waits')).find(({ state }) => state === 'published'));
    await eventually(isFree, { what: 'the place free' });
    expect(isAnswered).toBe(false);
    await world.sink.start();
    expect(await sent).toMatchObject({ status: 200, body: { counts: { stored: 10 } } });
  });

  it('refuses a single record with a key, which nobody would remember; an array of one is taken', async () => {
    const single = await api.post<Problem>(order(2), '', JSON_TYPE, keyed('one'));
    expect([single.status, single.body.code]).toEqual([422, 'idempotency_key_not_supported']);
    const array = () => api.post<JobView>(`[${order(2)}]`, '', JSON_TYPE, keyed('one'));
    const { id } = (await array()).body;
    expect(await array()).toMatchObject({ status: 202, body: { id } });
  });

  describe('takes several files', () => {
    const send = async (fields: readonly (readonly [string, string])[], files: readonly string[], key?: string) => {
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      files.forEach((csv, i) => form.append('file', new Blob([csv], { type: 'text/csv' }), `${i}.csv`));
      const headers = key === undefined ? {} : keyed(key);
      const answer = await fetch(`${api.url}/ingest`, { method: 'POST', body: form, headers });
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Files & Problem };
    };

    it('whose first is refused: the others are found by their key, and said to be there before', async () => {
      const files = ['a,b\n1,2\n', ordersCsv(0, 5, 'f1'), ordersCsv(0, 6, 'f2')];
      const first = await send([], files, 'several');
      expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([202, null]);
      const ids = first.body.items.slice(1).map(({ id }) => id);
      expect((await jobsOf('several')).map(({ id }) => id)).toEqual(ids);
      const again = await send([], files, 'several');
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(again.body.items.slice(1).map(({ id }) => id)).toEqual(ids);
    });

    it('under a key of which one file is running: told to wait, whichever it is', async () => {
      const boundary = 'cut';
      const head = (name: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n`;
      const headers = { ...keyed('second'), 'content-type': `multipart/form-data; boundary=${boundary}` };
      const upload = new SlowUpload(api.url, '', headers);
      await upload.send(`${head('a.csv')}a,b\n\r\n${head('b.csv')}${ordersCsv(0, 100, 'running')}`);
      const other = await world.another('ingest-api');
      try {
        await eventually(async () => (await jobsOf('second'))[0], { what: 'the second file' });
        await other.start();
        const { status, body } = await new ApiClient(other.url).post<Problem>(
          `${head('a.csv')}a,b\n\r\n--${boundary}--\r\n`,
          '',
          headers['content-type'],
          keyed('second'),
        );
        expect([status, body.code]).toEqual([409, 'job_running']);
      } finally {
        upload.abort();
        await other.stop();
        await eventually(isFree, { what: 'the place free again' });
      }
    });

    it('beside a field that is named like an option: refused, and nothing is published', async () => {
      const { status, body } = await send([['stream', 'orders']], [ordersCsv(0, 3, 'field')], 'field');
      expect([status, body.code]).toEqual([400, 'bad_parameter']);
      expect(body.detail).toContain('?stream=');
      expect(await jobsOf('field')).toEqual([]);
    });

    it('beside another field: a warning', async () => {
      const { status, body } = await send([['note', 'hi']], [ordersCsv(0, 3, 'note')]);
      expect([status, body.warnings]).toEqual([202, ['part note is not a file and is ignored']]);
    });
  });

  it('gives the key of a job that was cancelled or failed to a new one', async () => {
    const upload = new SlowUpload(api.url, '', keyed('dead'));
    await upload.send(ordersCsv(0, 10_000, 'dead')); // more than one send
    const { id } = await eventually(async () => (await jobsOf('dead')).find(({ counts }) => counts.published > 0));
    await fetch(`${api.url}/jobs/${id}`, { method: 'DELETE' });
    await upload.answer<Problem>();
    upload.abort();
    const again = await api.post<JobView>(ordersCsv(0, 3, 'dead'), '', 'text/csv', keyed('dead'));
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, null]);
    expect(again.body.id).not.toBe(id);
    expect((await api.job(id)).state).toBe('cancelled');
  });
});
