/**
 * Dead letters are worked off: sent again once their cause is mended, with the counts of their jobs; patched, parked,
 * discarded, and gone when their time is over. Real refusals of the real store and of the sink's transform.
 */
import { jest } from '@jest/globals';
import { createCassandra, type CassandraSession } from '@orderstream/cassandra';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  BrokenTable,
  countsClose,
  eventually,
  KafkaTopics,
  numberedOrder,
  orderId,
  orderIds,
  orderJson,
  ordersCsv,
  Sandbox,
  StoreReader,
  type Letter,
  type LetterGroup,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 300;

const firstSeenOf = (letter: Letter): string => (letter as Letter & { readonly firstSeen: string }).firstSeen;

interface Trial {
  readonly letters: number;
  readonly sample: number;
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { code: string; count: number; examples: { id: string }[] }[];
}

describe('dead letters are worked off', () => {
  let world: Sandbox;
  let api: ApiClient;
  let store: StoreReader;
  let session: CassandraSession;
  let topics: KafkaTopics;

  beforeAll(async () => {
    world = await Sandbox.forTests();
    await world.start();
    api = new ApiClient(world.api.url);
    const contactPoints = world.options.contactPoints;
    store = await StoreReader.connect(contactPoints, world.keyspace);
    topics = KafkaTopics.on(world.options.brokers);
    session = createCassandra({
      contactPoints: contactPoints.split(','),
      localDataCenter: 'datacenter1',
      keyspace: world.keyspace,
    });
    await session.connect();
  });

  afterAll(async () => {
    await session?.close();
    await store?.close();
    await world?.close();
  });

  const redrive = <T = JobView>(body: object) => api.command<T>('/dead-letters/redrive', body);
  /** The redrive once its records have passed the sink too. */
  const redriven = async (body: object): Promise<JobView> => {
    const { status, body: job } = await redrive(body);
    expect([status, job.kind]).toEqual([202, 'redrive']);
    return api.settled(job.id);
  };
  const lettersOf = async (query: string): Promise<Letter[]> => {
    const items: Letter[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await api.get<Page<Letter>>(`/dead-letters?limit=1000&${query}${after}`);
      items.push(...body.items);
      cursor = body.next;
    }
    return items;
  };
  const statesOf = async (query: string): Promise<string[]> =>
    [...new Set((await lettersOf(query)).map(({ state }) => state))].sort();
  /** A record of no job that the sink refuses: its letter. */
  const refused = async (n: number, fields: object, headers: Record<string, string> = {}): Promise<string> => {
    const topic = world.topic('orders');
    const [place] = await topics.write(topic, [{ key: 'books', value: orderJson(n, { ...fields }), headers }]);
    const id = `${topic}-${place!.partition}-${place!.offset}`;
    await eventually(async () => (await api.letter(id)).status === 200, { what: `letter ${id}` });
    return id;
  };
  const openOf = async (n: number): Promise<string[]> => {
    const ids: string[] = [];
    for (const letter of await api.letters()) {
      if (letter.state !== 'open') continue;
      const { body } = await api.letter(letter.id);
      if (body.value?.includes(`"${orderId(n)}"`)) ids.push(letter.id);
    }
    return ids;
  };

  describe(`${ROWS} rows of a job that the store refuses, for a cause that is then mended`, () => {
    let upload: JobView;
    let group: LetterGroup;
    let first: JobView;

    beforeAll(async () => {
      const table = await BrokenTable.make(world);
      upload = await api.upload(ordersCsv(0, ROWS), '?wait=stored');
      await table.mend();
      group = (await api.letterGroups()).items.find(({ code }) => code === 'refused_by_store')!;
    });

    it('are one group, and a dry run moves none of them', async () => {
      expect(upload.counts).toMatchObject({ accepted: ROWS, stored: 0, rejectedInSink: ROWS });
      expect(group.count).toBe(ROWS);
      const { status, body } = await redrive<Trial>({ group: group.fingerprint, dryRun: true });
      expect(status).toBe(200);
      expect(body).toMatchObject({ letters: ROWS, sample: 100, passed: 100, failed: 0 });
      expect(await statesOf(`job=${upload.id}`)).toEqual(['open']);
    });

    it('are stored by one redrive, with the write time of their rows, and the counts of their job move', async () => {
      first = await redriven({ group: group.fingerprint, rate: 5_000 });
      countsClose(first);
      expect(first).toMatchObject({
        state: 'stored',
        counts: { received: ROWS, published: ROWS, stored: ROWS, rejected: 0 },
      });
      const job = await api.settled(upload.id);
      countsClose(job);
      expect(job).toMatchObject({ state: 'stored', rejectedByCode: {} });
      expect(job.counts).toMatchObject({ received: ROWS, accepted: ROWS, published: ROWS, stored: ROWS, rejected: 0 });
      expect(new Set(job.segments.map(({ attempt }) => attempt))).toEqual(new Set([1, 2]));
      const rows = await store.rows('orders', 'order_id');
      expect(new Set(rows.keys())).toEqual(orderIds(0, ROWS));
      const base = rows.get(orderId(0))!.writeTimeMicros - 2n;
      for (let n = 0; n < ROWS; n++)
        expect(rows.get(orderId(n))).toMatchObject({ writeTimeMicros: base + BigInt(n + 2), jobRow: n + 2 });
    });

    it('have left the open list, and a second redrive changes nothing', async () => {
      expect(await statesOf(`job=${upload.id}`)).toEqual(['closed']);
      const before = await Promise.all([
        api.job(upload.id),
        store.image('orders'),
        topics.length(world.topic('orders')),
      ]);
      const { status, body } = await redrive({ group: group.fingerprint });
      expect(status).toBe(200);
      expect(body).toMatchObject({ kind: 'redrive', state: 'stored', counts: { received: 0, stored: 0, rejected: 0 } });
      const after = await Promise.all([
        api.job(upload.id),
        store.image('orders'),
        topics.length(world.topic('orders')),
      ]);
      expect(after).toEqual(before);
    });
  });

  describe('a row that is refused again and again', () => {
    let job: JobView;

    it('gets a new letter with the next attempt each time, and is parked after five', async () => {
      const row = numberedOrder(0, { order_id: 'i'.repeat(70_000) }, 'p'); // more than Cassandra takes
      job = await api.upload(JSON.stringify([row]), '?wait=stored', 'application/json');
      for (let attempt = 2; attempt <= 5; attempt++) {
        const again = await redriven({ job: job.id });
        expect(again.counts).toMatchObject({ published: 1, stored: 0, rejected: 1 });
        const settled = await api.settled(job.id);
        countsClose(settled);
        expect(settled.counts).toMatchObject({ accepted: 1, stored: 0, rejectedInSink: 1 });
        const letters = await lettersOf(`job=${job.id}`);
        expect(letters.map(({ state }) => state).sort()).toEqual([
          ...Array<string>(attempt - 1).fill('closed'),
          'open',
        ]);
        expect(letters.find(({ state }) => state === 'open')).toMatchObject({ attempt, row: 0 });
      }
      const sixth = await redriven({ job: job.id });
      expect(sixth.counts.published).toBe(0);
      expect(sixth.warnings).toContainEqual(expect.stringMatching(/^1 letter is parked: refused 5 times/));
      expect(await lettersOf(`job=${job.id}&state=parked`)).toHaveLength(1);
      expect((await api.job(job.id)).counts).toMatchObject({ stored: 0, rejectedInSink: 1 });
    });

    it('can be discarded with a reason, and stays counted as rejected', async () => {
      const answer = await api.command('/dead-letters/discard', { job: job.id, reason: 'a test order' });
      expect(answer).toMatchObject({ status: 200, body: { discarded: 1 } });
      const letters = await lettersOf(`job=${job.id}&state=discarded`);
      expect(letters).toMatchObject([{ attempt: 5, discardReason: 'a test order' }]);
      expect((await api.job(job.id)).counts).toMatchObject({ stored: 0, rejectedInSink: 1 });
      const groups = await api.get<{ items: LetterGroup[] }>('/dead-letters?state=parked');
      expect(groups.body.items).toEqual([]);
    });
  });

  describe('a record of no job', () => {
    it('is mended by a patch, keeps its write time, and is tried before', async () => {
      const id = await refused(5_001, { quantity: 0, note: 'x' });
      const asItIs = await redrive<Trial>({ ids: [id], dryRun: true });
      expect(asItIs.body).toMatchObject({
        sample: 1,
        failed: 1,
        failures: [{ code: 'out_of_range', examples: [{ id }] }],
      });
      const patch = { quantity: 3, note: null };
      const patched = await redrive<Trial>({ ids: [id], patch, dryRun: true });
      expect(patched.body).toMatchObject({ sample: 1, passed: 1, failures: [] });
      expect((await api.letter(id)).body.state).toBe('open');
      const job = await redriven({ ids: [id], patch });
      expect(job.counts).toMatchObject({ received: 1, stored: 1, rejected: 0 });
      expect((await api.letter(id)).body.state).toBe('closed');
      const { body } = await api.get<{ record: object }>(`/orders/${orderId(5_001)}`);
      expect(body.record).toMatchObject({ quantity: 3 });
      const [record] = (await topics.read(world.topic('orders'))).filter(({ offset, partition }) =>
        id.endsWith(`-${partition}-${offset}`),
      );
      const { writeTimeMicros } = (await store.rows('orders', 'order_id')).get(orderId(5_001))!;
      expect(writeTimeMicros).toBe(BigInt(record!.timestamp) * 1000n + BigInt(Number(record!.offset) % 1000));
    });

    it('that is refused again has the next attempt, and is parked after five', async () => {
      let id = await refused(5_002, { quantity: 0 });
      for (let attempt = 2; attempt <= 5; attempt++) {
        expect((await redriven({ ids: [id] })).counts).toMatchObject({ published: 1, rejectedInSink: 1 });
        const open = await openOf(5_002);
        expect(open).toHaveLength(1);
        [id] = open as [string];
        expect((await api.letter(id)).body.attempt).toBe(attempt);
      }
      expect((await redriven({ ids: [id] })).counts.published).toBe(0);
      expect((await api.letter(id)).body.state).toBe('parked');
    });

    it('older than the gc_grace_seconds of its table is parked, not written', async () => {
      await session.execute(`ALTER TABLE ${world.keyspace}.orders WITH gc_grace_seconds = 3600`, [], {
        prepared: false,
      });
      const ago = (seconds: number) => ({ 'os-write-time': String((Date.now() - seconds * 1_000) * 1_000) });
      const old = await refused(5_003, { quantity: 0 }, ago(3_700));
      const young = await refused(5_004, { quantity: 0 }, ago(3_000));
      const job = await redriven({ ids: [old, young], patch: { quantity: 1 } });
      expect(job.counts).toMatchObject({ received: 1, stored: 1 });
      expect(job.warnings).toContainEqual(
        expect.stringMatching(/^1 letter is parked: older than the gc_grace_seconds/),
      );
      const states = await Promise.all([old, young].map(async (id) => (await api.letter(id)).body.state));
      expect(states).toEqual(['parked', 'closed']);
      expect((await api.get(`/orders/${orderId(5_003)}`)).status).toBe(404);
    });

    it('shows its bytes safely', async () => {
      const topic = world.topic('orders');
      const value = Buffer.from('\u001b[31mred\u0007\u202e{"a":1');
      const [place] = await topics.write(topic, [
        { key: Buffer.from([0xff, 0]), value, headers: { h: Buffer.from([0xfe]) } },
      ]);
      const id = `${topic}-${place!.partition}-${place!.offset}`;
      await eventually(async () => (await api.letter(id)).status === 200, { what: `letter ${id}` });
      const { body } = await api.letter(id);
      expect(body).toMatchObject({ key: null, value: '\\x1b[31mred\\x07\\u202e{"a":1', headers: { h: null } });
      expect(body.valueBase64).toBe(value.toString('base64'));
      expect(body.reason).not.toMatch(/[\u0000-\u001f\u202e]/); // eslint-disable-line no-control-regex
    });
  });

  it('letters are listed by state and time', async () => {
    const { body } = await api.get<{ items: LetterGroup[] }>('/dead-letters?state=closed&to=2020-01-01');
    expect(body.items).toEqual([]);
    const { body: now } = await api.get<{ items: LetterGroup[] }>('/dead-letters?state=closed&from=2020-01-01');
    // Single ones of a group: the youngest, those before it, and none where none is.
    const { fingerprint } = now.items.find(({ code }) => code === 'refused_by_store')!;
    const timesOf = async (query = ''): Promise<string[]> =>
      [...new Set((await lettersOf(`group=${fingerprint}${query}`)).map(firstSeenOf))].sort();
    const times = await timesOf();
    const last = times.at(-1)!;
    expect(await timesOf(`&from=${last}`)).toEqual([last]);
    expect(await timesOf(`&to=${last}`)).toEqual(times.slice(0, -1));
    expect(await timesOf(`&from=${times[0]}&to=${last}`)).toEqual(times.slice(0, -1));
    expect(await timesOf('&from=2100-01-01')).toEqual([]);
  });

  it.each([
    ['/dead-letters?job=abc'],
    ['/dead-letters?from=2026-W10'],
    ['/jobs?to=20260101T000000Z'],
    ['/dead-letters?group=0123456789abcdef&cursor=abc'],
    ['/dead-letters?group=0123456789abcdef&cursor=abcd'],
    ['/dead-letters?group=0123456789abcdef&cursor=00ff00ff00ff00ff'],
    ['/dead-letters?group=0123456789abcdef&cursor=7fffffff'],
    [`/dead-letters?job=00000000-0000-4000-8000-000000000000&cursor=${'ff'.repeat(64)}`],
    ['/jobs?cursor=abc'],
    [`/jobs?cursor=1_${'-'.repeat(36)}`],
    ['/jobs?cursor=999999999999999_00000000-0000-4000-8000-000000000000'],
    [`/generate/runs?cursor=1_${'-'.repeat(36)}`],
  ])('%s is a bad parameter', async (path) => {
    const { status, body } = await api.get<Problem>(path);
    expect([status, body.code]).toEqual([400, 'bad_parameter']);
  });

  it.each([
    ['a patch of null', { group: '0123456789abcdef', patch: null }, 400, 'bad_body'],
    ['no selection', {}, 400, 'bad_body'],
    ['two selections', { group: '0123456789abcdef', ids: ['a-0-1'] }, 400, 'bad_body'],
    ['a field nobody knows', { group: '0123456789abcdef', speed: 3 }, 400, 'bad_body'],
    ['a rate of nothing', { group: '0123456789abcdef', rate: 0 }, 400, 'bad_body'],
    ['a patch that is no object', { group: '0123456789abcdef', patch: [1] }, 400, 'bad_body'],
  ])('%s: a problem with a stable code', async (_, body, status, code) => {
    const answer = await redrive<Problem>(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each([
    ['no JSON', 'application/json', '{', 400, 'bad_json'],
    ['another type', 'text/csv', '{}', 415, 'unsupported_media_type'],
    ['more than 1 MiB', 'application/json', `"${'x'.repeat(1_048_577)}"`, 413, 'body_too_large'],
  ])('a body that is %s is answered with a problem', async (_, type, body, status, code) => {
    const init = { method: 'POST', body, headers: { 'content-type': type } };
    const answer = await fetch(`${api.url}/dead-letters/redrive`, init);
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([status, code]);
  });
});

describe('a letter whose time is over', () => {
  let world: Sandbox;
  let store: StoreReader;
  beforeAll(async () => {
    world = await Sandbox.forTests({ DEAD_LETTER_RETENTION: '20s' });
    await world.start();
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
  });
  afterAll(async () => {
    await store?.close();
    await world?.close();
  });

  it('is gone without remains, discarded or not, and the counts of its settled job stay', async () => {
    const api = new ApiClient(world.api.url);
    const row = (n: number) => numberedOrder(n, n < 2 ? { order_id: String(n).repeat(70_000) } : {});
    const job = await api.upload(JSON.stringify([0, 1, 2].map(row)), '?wait=stored', 'application/json');
    expect(job).toMatchObject({ settledAt: expect.any(String), counts: { stored: 1, rejectedInSink: 2 } });
    const [letter] = (await api.get<Page<Letter>>(`/dead-letters?job=${job.id}`)).body.items;
    const discard = await api.command('/dead-letters/discard', { ids: [letter!.id], reason: 'enough' });
    expect(discard.body).toEqual({ discarded: 1 });
    const isGone = async () => (await store.count('dead_letters')) === 0;
    await eventually(isGone, { timeoutMs: 60_000, what: 'letters expired' });
    expect((await api.letter(letter!.id)).status).toBe(404);
    expect(await api.job(job.id)).toEqual(job);
  });
});
