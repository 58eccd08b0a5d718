/** A redrive is killed at any moment, cancelled, or asked for twice: in the end every letter was worked off once. */
import { jest } from '@jest/globals';
import type { JobView, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  AT_ITS_BEGINNING,
  lettersAtLeast,
  countsClose,
  eventually,
  killRedrive,
  refuseOrders,
  Sandbox,
} from '@orderstream/testing';

jest.setTimeout(600_000);

const ROWS = 1_000;
/** Where a kill has to fall between the first letter that is closed and the last one. */
const MANY = 2_500;

describe('a redrive', () => {
  let world: Sandbox;
  beforeEach(async () => {
    world = await Sandbox.forTests();
    await world.start();
  });
  afterEach(() => world?.close());

  it('whose process is killed at its beginning, in the middle and at its end changes nothing in the end', async () => {
    const moments = [
      AT_ITS_BEGINNING,
      lettersAtLeast('redriven', MANY / 2, 'half is taken'),
      lettersAtLeast('closed', 1, 'the first is closed'),
    ];
    const { job, redrive, kills } = await killRedrive(world, { rows: MANY, rate: 500, moments });
    expect(kills[1]!.states['closed']).toBeUndefined();
    expect(kills[2]!.states['closed']).toBeLessThan(MANY);
    expect(job.counts).toMatchObject({ received: MANY, accepted: MANY, stored: MANY, rejected: 0, pending: 0 });
    expect(redrive.counts).toMatchObject({ received: MANY, published: MANY, stored: MANY, rejected: 0, pending: 0 });
    const again = await new ApiClient(world.api.url).command<JobView>('/dead-letters/redrive', { job: job.id });
    expect([again.status, again.body.counts.received]).toEqual([200, 0]);
  });

  it('runs alone: the same one again is answered with it, on any replica, and another has to wait', async () => {
    const { job, group } = await refuseOrders(world, ROWS);
    const replica = await world.another('ingest-api');
    await replica.start();
    try {
      const begun = await new ApiClient(world.api.url).command<JobView>('/dead-letters/redrive', { group, rate: 300 });
      expect(begun.status).toBe(202);
      const other = new ApiClient(replica.url);
      const same = await other.command<JobView>('/dead-letters/redrive', { group });
      expect([same.status, same.body.id]).toEqual([200, begun.body.id]);
      const another = await other.command<Problem>('/dead-letters/redrive', { job: job.id });
      expect([another.status, another.body.code, another.headers.get('retry-after')]).toEqual([
        409,
        'redrive_running',
        '5',
      ]);
      const done = await other.settled(begun.body.id);
      expect(done.counts).toMatchObject({ received: ROWS, stored: ROWS });
    } finally {
      await replica.stop();
    }
  });

  it('that is cancelled leaves the rest open, with counts that close, and the next one takes the rest', async () => {
    const api = new ApiClient(world.api.url);
    const { job, group } = await refuseOrders(world, ROWS);
    const { body: begun } = await api.command<JobView>('/dead-letters/redrive', { group, rate: 100 });
    await eventually(async () => (await api.job(begun.id)).counts.published > 0, { what: 'some published' });
    await fetch(`${api.url}/jobs/${begun.id}`, { method: 'DELETE' });
    const cancelled = await api.settled(begun.id);
    expect(cancelled.state).toBe('cancelled');
    const sent = cancelled.counts.published;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(ROWS);
    const between = await api.settled(job.id);
    countsClose(between);
    expect(between.counts).toMatchObject({ stored: sent, rejectedInSink: ROWS - sent });
    expect((await api.letterGroups()).open).toBe(ROWS - sent);
    const { body: rest } = await api.command<JobView>('/dead-letters/redrive', { group, rate: 5_000 });
    expect((await api.settled(rest.id)).counts).toMatchObject({ received: ROWS - sent, stored: ROWS - sent });
    expect((await api.settled(job.id)).counts).toMatchObject({ stored: ROWS, rejected: 0 });
  });

  it('that is shut down is gone on with by another process', async () => {
    const { group, job } = await refuseOrders(world, ROWS);
    const replica = await world.another('ingest-api');
    await replica.start();
    try {
      const api = new ApiClient(replica.url);
      const { body: begun } = await new ApiClient(world.api.url).command<JobView>('/dead-letters/redrive', {
        group,
        rate: 200,
      });
      await eventually(async () => (await api.job(begun.id)).counts.published > 0, { what: 'some published' });
      expect((await api.job(begun.id)).publishedAt).toBeNull();
      await world.api.stop();
      expect(world.api.exitCode).toBe(0);
      const isPublished = async () => (await api.job(begun.id)).publishedAt !== null;
      await eventually(isPublished, { timeoutMs: 60_000, what: 'the redrive went on' });
      expect((await api.settled(begun.id)).counts).toMatchObject({ received: ROWS, stored: ROWS });
      expect((await api.settled(job.id)).counts).toMatchObject({ stored: ROWS, rejected: 0 });
    } finally {
      await replica.stop();
    }
  });
});
