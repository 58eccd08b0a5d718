/** A redrive works on the letters that were open when it was asked for; those that come while it runs are not its own. */
import { jest } from '@jest/globals';
import type { JobView, Page } from '@orderstream/contracts';
import {
  ApiClient,
  countsClose,
  eventually,
  KafkaTopics,
  orderId,
  orderJson,
  Sandbox,
  type Letter,
  type RawRecord,
} from '@orderstream/testing';

jest.setTimeout(240_000);

const LETTERS = 150;
/** records per second: the late letter has seconds to come before the last one of the redrive is sent */
const RATE = 10;
/** What the sink refuses until it is patched: every letter is of this one cause. */
const refusedOrder = (n: number): RawRecord => ({ key: 'books', value: orderJson(n, { quantity: 0 }) });

describe('a redrive of a group', () => {
  let world: Sandbox;
  let api: ApiClient;
  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
    api = new ApiClient(world.api.url);
  });
  afterAll(() => world?.close());

  it('does not take a letter of the same cause that comes while it runs', async () => {
    const [topics, topic] = [KafkaTopics.on(world.options.brokers), world.topic('orders')];
    await topics.write(
      topic,
      Array.from({ length: LETTERS }, (_, n) => refusedOrder(n)),
    );
    await eventually(async () => (await api.letterGroups()).open === LETTERS, { what: `${LETTERS} letters` });
    const [group] = (await api.letterGroups()).items;
    const selection = { group: group!.fingerprint, patch: { quantity: 1 } };
    const begun = await api.command<JobView>('/dead-letters/redrive', { ...selection, rate: RATE });
    expect(begun.status).toBe(202);
    await eventually(async () => (await api.job(begun.body.id)).counts.published > 0, { what: 'the first is sent' });

    const [place] = await topics.write(topic, [refusedOrder(LETTERS)]);
    const late = `${topic}-${place!.partition}-${place!.offset}`;
    await eventually(async () => (await api.letter(late)).status === 200, { what: `letter ${late}` });
    const ofGroup = async (state: string): Promise<readonly Letter[]> => {
      const { body } = await api.get<Page<Letter>>(
        `/dead-letters?group=${group!.fingerprint}&state=${state}&limit=1000`,
      );
      return body.items;
    };
    expect((await ofGroup('open')).map(({ id }) => id)).toContain(late); // of the same cause
    const { counts, publishedAt } = await api.job(begun.body.id);
    expect([counts.published < LETTERS, publishedAt]).toEqual([true, null]); // and while it runs

    const redrive = await api.settled(begun.body.id);
    countsClose(redrive);
    expect(redrive.counts).toMatchObject({ received: LETTERS, published: LETTERS, stored: LETTERS, rejected: 0 });
    expect((await ofGroup('open')).map(({ id, attempt }) => [id, attempt])).toEqual([[late, 1]]);
    expect(await ofGroup('closed')).toHaveLength(LETTERS);
    expect((await api.get(`/orders/${orderId(LETTERS)}`)).status).toBe(404);

    const next = await api.command<JobView>('/dead-letters/redrive', selection);
    expect((await api.settled(next.body.id)).counts).toMatchObject({ received: 1, stored: 1 });
    expect((await api.letterGroups()).open).toBe(0);
  });
});
