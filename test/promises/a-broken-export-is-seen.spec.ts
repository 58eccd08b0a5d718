/** An export that cannot go on never looks like one that is complete. */
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { ApiClient, Sandbox, StoreHand } from '@orderstream/testing';

jest.setTimeout(180_000);

/** More than the sockets between here and there take while nobody reads. */
const USERS = 4_000;
const LONG = 'x'.repeat(8_000);

let world: Sandbox;

beforeAll(async () => {
  world = await (await Sandbox.forTests()).start();
  const lines = Array.from({ length: USERS }, (_, n) => JSON.stringify({ id: `user-${n}`, address: LONG }));
  const job = await new ApiClient(world.api.url).upload(
    lines.join('\n'),
    '?stream=users&wait=stored&timeout=150s',
    'application/x-ndjson',
  );
  expect(job.counts).toMatchObject({ stored: USERS });
}, 240_000);
afterAll(() => world?.close());

/** The answer as it begins; nothing of it is read yet. */
async function begun(): Promise<IncomingMessage> {
  const headers = { accept: 'application/x-ndjson' };
  const asked = request(`${world.api.url}/streams/users/records`, { headers }).end();
  asked.on('error', () => undefined); // it breaks off, which is what is looked for
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer.pause();
}

async function rest(answer: IncomingMessage): Promise<{ lines: number; error: Error | undefined; complete: boolean }> {
  let text = '';
  let error: Error | undefined;
  try {
    for await (const bytes of answer) text += String(bytes);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { lines: text.split('\n').length - 1, error, complete: answer.complete };
}

it('is complete for a client that reads slowly', async () => {
  const answer = await begun();
  const { lines, error, complete } = await rest(answer);
  expect({ lines, error, complete }).toEqual({ lines: USERS, error: undefined, complete: true });
});

it('breaks its connection when the process ends, which does not wait for it', async () => {
  const another = await world.another('ingest-api');
  await another.start();
  const headers = { accept: 'text/csv' };
  const asked = request(`${another.url}/streams/users/records`, { headers }).end();
  asked.on('error', () => undefined);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.pause();
  await another.stop();
  expect(another.exitCode).toBe(0);
  const { lines, error, complete } = await rest(answer);
  expect(lines).toBeLessThan(USERS);
  expect(error).toBeDefined();
  expect(complete).toBe(false);
});

it('breaks its connection when the table goes away in the middle', async () => {
  const answer = await begun();
  const hand = await StoreHand.connect(world.options.contactPoints, world.keyspace);
  await hand.run('DROP TABLE {keyspace}.created_users');
  await hand.close();
  const { lines, error, complete } = await rest(answer);
  expect(lines).toBeGreaterThan(0);
  expect(lines).toBeLessThan(USERS);
  expect(error).toBeDefined();
  expect(complete).toBe(false);
  const late = await fetch(`${world.api.url}/streams/users/records`, { headers: { accept: 'text/csv' } });
  expect(late.status).toBe(503);
  expect(await late.json()).toMatchObject({ code: 'store_unavailable' });
});
