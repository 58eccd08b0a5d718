/** A whole table goes out through an API that holds a piece of it, however slowly it is taken. */
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { ApiClient, memoryMiB, ORDER_HEADER, orderId, orderLine, Sandbox } from '@orderstream/testing';

jest.setTimeout(600_000);

const ROWS = 10_000;
const PRODUCT = 'p'.repeat(12_000);
/** What an export may add to the API: pieces on their way, and garbage between two collections. Its text has 120 MB. */
const GROWTH_MIB = 60;

function* file(): Generator<string> {
  yield `${ORDER_HEADER}\n`;
  for (let n = 0; n < ROWS; n++) yield `${orderLine(n, { product: PRODUCT })}\n`;
}

let world: Sandbox;
beforeAll(async () => {
  world = await (await Sandbox.forTests()).start();
  const api = new ApiClient(world.api.url);
  const { id } = await api.upload([...file()].join(''), '?stream=orders');
  expect((await api.settled(id, 300_000)).counts).toMatchObject({ stored: ROWS });
});
afterAll(() => world?.close());

it.each(['text/csv', 'application/x-ndjson'])('as %s, all rows of 120 MB', async (accept) => {
  const before = memoryMiB(world.api.pid);
  const asked = request(`${world.api.url}/streams/orders/records`, { headers: { accept } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const ids = new Set<string>();
  let [peak, tail, pieces, count] = [0, '', 0, 0];
  for await (const bytes of answer) {
    const lines = (tail + String(bytes)).split('\n');
    tail = lines.pop()!;
    count += lines.length;
    for (const line of lines) ids.add(/row-\d+/.exec(line)?.[0] ?? 'the header');
    if (pieces++ % 20 === 0) peak = Math.max(peak, memoryMiB(world.api.pid));
  }
  expect(count).toBe(ids.size);
  expect(ids.delete('the header')).toBe(accept === 'text/csv');
  expect(ids).toEqual(new Set(Array.from({ length: ROWS }, (_, n) => orderId(n))));
  console.log(`${accept}: API ${before} MiB before, ${peak} MiB at most`);
  expect(peak - before).toBeLessThan(GROWTH_MIB);
});
