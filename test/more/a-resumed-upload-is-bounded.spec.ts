/** Promises 1 and 4 for a long file that broke off late: what goes on holds what is still to be sent, and no more. */
import { jest } from '@jest/globals';
import type { JobView, Page, Problem } from '@orderstream/contracts';
import {
  ApiClient,
  eventually,
  ORDER_HEADER,
  orderLine,
  peakMemoryMiB,
  Sandbox,
  SlowUpload,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const ROWS = 200_000;
const SENT_FIRST = 190_000;
/** Held as rows, what was sent first takes several times this. */
const MORE_MIB = 50;
/** Of a file in which every third row is refused. */
const BAD_ROWS = 60_000;
const PIECE_ROWS = 2_000;

const keyed = (key: string) => ({ 'idempotency-key': key });

describe('an upload that broke off late', () => {
  let world: Sandbox;
  let api: ApiClient;

  beforeAll(async () => {
    world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '10m' })).start();
    api = new ApiClient(world.api.url);
  });
  afterAll(() => world?.close());

  const linesOf = (from: number, to: number, prefix: string, badEvery?: number): string =>
    Array.from({ length: to - from }, (_, i) => {
      const cells = badEvery !== undefined && (from + i) % badEvery === 0 ? { quantity: 'x' } : undefined;
      return `${orderLine(from + i, cells, prefix)}\n`;
    }).join('');

  const jobOf = async (key: string): Promise<JobView | undefined> =>
    (await api.get<Page<JobView>>(`/jobs?key=${key}`)).body.items[0];

  /** Sends rows up to `to`; kills the API once Kafka has them and that is written down. Answers its peak before, MiB. */
  async function brokenOff(key: string, to: number, badEvery?: number): Promise<number> {
    const upload = new SlowUpload(api.url, '', keyed(key));
    await upload.send(`${ORDER_HEADER}\n`);
    for (let n = 0; n < to; n += PIECE_ROWS) await upload.send(linesOf(n, n + PIECE_ROWS, key, badEvery));
    const least = to - 8_000;
    const look = async () => ((await jobOf(key))?.counts.received ?? 0) >= least || undefined;
    await eventually(look, { timeoutMs: 60_000, everyMs: 100, what: `${least} rows of ${key} received` });
    const peak = peakMemoryMiB(world.api.pid);
    // The job is seen from memory; whoever comes after the kill has its checkpoints only.
    await eventually(oneCheckpointMore(), { timeoutMs: 5_000, everyMs: 100, what: 'a checkpoint' });
    await world.api.kill();
    upload.abort();
    await world.api.start();
    await eventually(async () => (await jobOf(key))?.state === 'interrupted' || undefined, { timeoutMs: 15_000 });
    expect((await jobOf(key))!.counts.received).toBeGreaterThan(to - 20_000);
    return peak;
  }

  it('goes on in no more memory than it began with', async () => {
    const before = await brokenOff('late', SENT_FIRST);
    const upload = new SlowUpload(api.url, '?wait=stored&timeout=2m', keyed('late'));
    await upload.send(`${ORDER_HEADER}\n`);
    for (let n = 0; n < ROWS; n += PIECE_ROWS) await upload.send(linesOf(n, n + PIECE_ROWS, 'late'));
    const { status, body } = await upload.end<JobView>();
    expect([status, body.counts]).toMatchObject([200, { received: ROWS, accepted: ROWS, stored: ROWS, pending: 0 }]);
    expect(body.segments.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS);
    expect(peakMemoryMiB(world.api.pid)).toBeLessThan(before + MORE_MIB);
  });

  it('counts and keeps its rejects once, though not all of them are held', async () => {
    await brokenOff('refused', BAD_ROWS, 3);
    const whole = `${ORDER_HEADER}\n${linesOf(0, BAD_ROWS, 'refused', 3)}`;
    const { status, body } = await api.post<JobView>(whole, '?wait=stored&timeout=2m', 'text/csv', keyed('refused'));
    expect([status, body.counts, body.rejectedByCode]).toMatchObject([
      200,
      { received: BAD_ROWS, stored: 40_000, rejected: 20_000, pending: 0 },
      { bad_int: 20_000 },
    ]);
    expect(body.warnings).toEqual([]);
    const csv = await (await fetch(`${api.url}/jobs/${body.id}/rejects.csv`)).text();
    const ids = csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 20_000 }, (_, i) => `refused-${i * 3}`)));
  });

  it('is not mixed with another file that comes under its key, however often, and goes on with its own', async () => {
    await brokenOff('mixed', 20_000);
    const other = `${ORDER_HEADER},note\n${linesOf(0, 24_000, 'other').replaceAll('\n', ',x\n')}`;
    for (let time = 0; time < 2; time++) {
      const { status, body } = await api.post<Problem>(other, '', 'text/csv', keyed('mixed'));
      expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
    }
    const whole = `${ORDER_HEADER}\n${linesOf(0, 21_000, 'mixed')}`;
    const { status, body } = await api.post<JobView>(whole, '?wait=stored&timeout=1m', 'text/csv', keyed('mixed'));
    expect([status, body.counts]).toMatchObject([200, { received: 21_000, stored: 21_000, rejected: 0 }]);
    expect((await api.get('/orders/other-1')).status).toBe(404);
  });
});

/** Answers true once the time between two checkpoints has gone by. */
function oneCheckpointMore(): () => Promise<true | undefined> {
  const since = performance.now();
  return () => Promise.resolve(performance.now() - since > 1_700 || undefined);
}
