/** A whole table goes out through an API that holds a piece of it, however slowly it is taken. */
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { ApiClient, memoryMiB, ordersCsv, Sandbox } from '@orderstream/testing';

jest.setTimeout(600_000);

const ROWS = 100_000;
/** What an export may add to the API: pieces on their way, and garbage between two collections. */
const GROWTH_MIB = 80;

let world: Sandbox;
beforeAll(async () => {
  world = await (await Sandbox.forTests()).start();
  const api = new ApiClient(world.api.url);
  const { id } = await api.upload(ordersCsv(0, ROWS), '?stream=orders');
  expect((await api.settled(id, 300_000)).counts).toMatchObject({ stored: ROWS });
});
afterAll(() => world?.close());

it.each(['text/csv', 'application/x-ndjson'])('as %s, all 100,000 rows', async (accept) => {
  const before = memoryMiB(world.api.pid);
  const asked = request(`${world.api.url}/streams/orders/records`, { headers: { accept } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const ids = new Set<string>();
  let peak = 0;
  let tail = '';
  let pieces = 0;
  for await (const bytes of answer) {
    const lines = (tail + String(bytes)).split('\n');
    tail = lines.pop()!;
    for (const line of lines) ids.add(/row-\d+/.exec(line)?.[0] ?? line);
    if (pieces++ % 20 === 0) peak = Math.max(peak, memoryMiB(world.api.pid));
  }
  ids.delete(`order_id,customer_name,product,category,quantity,price,timestamp,total_amount\r`);
  expect(ids.size).toBe(ROWS);
  console.log(`${accept}: API ${before} MiB before, ${peak} MiB at most`);
  expect(peak - before).toBeLessThan(GROWTH_MIB);
});
