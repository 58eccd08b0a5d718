import { readFile } from 'node:fs/promises';
import type { JobView } from '@orderstream/contracts';
import { Sandbox } from '@orderstream/testing';

const sample = new URL('../../samples/olist-orders.csv', import.meta.url);

describe('a CSV goes in over HTTP, through Kafka, into Cassandra, and comes back by id', () => {
  let world: Sandbox;

  beforeAll(async () => {
    world = await (await Sandbox.forTests()).start();
  }, 120_000);
  afterAll(() => world?.close());

  const post = (body: Buffer, query = '', type = 'text/csv') =>
    fetch(`${world.api.url}/ingest${query}`, { method: 'POST', body, headers: { 'content-type': type } });

  it('stores every row of the Olist sample and answers each of them by id', async () => {
    const csv = await readFile(sample);
    const answer = await post(csv, '?wait=stored');
    expect(answer.status).toBe(200);
    const job = (await answer.json()) as JobView;
    expect(job).toMatchObject({
      kind: 'upload',
      stream: 'olist-orders',
      state: 'stored',
      counts: { received: 1000, accepted: 1000, published: 1000, stored: 1000, pending: 0, rejected: 0 },
    });
    const [, second] = csv.toString().split('\n');
    const [orderId, customerId, status, purchased] = second!.split(',');
    const order = await fetch(`${world.api.url}/orders/${orderId}`);
    expect(order.status).toBe(200);
    const at = new Date(`${purchased!.replace(' ', 'T')}Z`);
    expect(await order.json()).toMatchObject({
      stream: 'olist-orders',
      record: {
        order_id: orderId,
        customer_id: customerId,
        order_status: status,
        order_purchase_timestamp: at.toISOString(),
        order_hour: at.getUTCHours(),
        order_day_of_week: at.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }),
      },
    });
  });

  it('answers the job at its address, with segments that cover exactly what was published', async () => {
    const answer = await post(await readFile(sample), '?wait=stored');
    const location = answer.headers.get('location') ?? '';
    const { id, segments } = (await answer.json()) as JobView;
    expect(location).toBe(`/jobs/${id}`);
    const job = (await (await fetch(world.api.url + location)).json()) as JobView;
    expect(job.state).toBe('stored');
    expect(segments.reduce((sum, segment) => sum + segment.count, 0)).toBe(1000);
  });

  it('says in a problem that no order has an id', async () => {
    const answer = await fetch(`${world.api.url}/orders/none`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'order_not_found', status: 404, instance: '/orders/none' });
  });
});
