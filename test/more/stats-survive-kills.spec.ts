/** Statistics count every record of the log once, whatever is killed: to the cent. */
import { jest } from '@jest/globals';
import type { StatsRecount } from '@orderstream/contracts';
import {
  answeredLines,
  ApiClient,
  countedOrder,
  cqlSession,
  eventually,
  KafkaTopics,
  killSinkUnderLoad,
  linesOf,
  orderOfRecord,
  ordersCsv,
  Sandbox,
  type CountedOrder,
} from '@orderstream/testing';

jest.setTimeout(600_000);

const GROUPS = ['partition', 'category', 'hour', 'weekday'];
const ROWS = 40_000;
const EARLIER = 5_000;
const KILLS = 3;

it('a sink that is killed three times under load counts the log once, and a recount counts the table', async () => {
  const world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '1h' })).start();
  const topics = KafkaTopics.on(world.options.brokers);
  const session = await cqlSession(world);
  const api = new ApiClient(world.api.url);
  try {
    // Earlier versions of some rows: live statistics have them too, exact ones do not.
    const earlier = ordersCsv(0, EARLIER).replaceAll(/,\d+,(\d+\.\d\d),/g, ',77,$1,');
    await api.upload(earlier, '?wait=stored&timeout=2m');
    const { passedAtKill } = await killSinkUnderLoad(world, { rows: ROWS, kills: KILLS });
    expect(passedAtKill).toHaveLength(KILLS);

    const log = (await topics.read(world.topic('orders'))).map(orderOfRecord);
    expect(log).toHaveLength(EARLIER + ROWS);
    for (const by of GROUPS) expect(await answeredLines(api, by)).toEqual(linesOf(log, by));
    const within = '&from=2026-01-01T03:00:00Z&to=2026-01-01T09:00:00Z';
    const ofSpan = log.filter(({ timestamp }) => timestamp.getUTCHours() >= 3 && timestamp.getUTCHours() < 9);
    for (const by of GROUPS) expect(await answeredLines(api, by, within)).toEqual(linesOf(ofSpan, by));

    const counted = await api.command<StatsRecount>('/streams/orders/stats/recount', {});
    expect(counted.body.records).toBe(ROWS);
    const table: CountedOrder[] = [];
    const select = `SELECT category, quantity, price, timestamp, kafka_partition FROM ${world.keyspace}.orders`;
    for await (const rows of session.pages(select, [], { requestTimeoutMs: 30_000 }))
      for (const row of rows) table.push({ partition: Number(row['kafka_partition']), ...countedOrder(row) });
    expect(table).toHaveLength(ROWS);
    for (const by of GROUPS) expect(await answeredLines(api, by, '&kind=exact')).toEqual(linesOf(table, by));
  } finally {
    await session.close();
    await world.close();
  }
});

it('two sinks that take partitions from each other count the log once', async () => {
  const world = await (await Sandbox.forTests({ MAX_LAG_SECONDS: '1h' })).start();
  const api = new ApiClient(world.api.url);
  const topics = KafkaTopics.on(world.options.brokers);
  const topic = world.topic('orders');
  const twin = await world.another('sink-worker');
  try {
    const upload = api.upload(ordersCsv(0, ROWS), '?wait=stored&timeout=5m');
    await topics.untilCommitted(world.id, topic, ROWS / 8);
    await twin.start();
    await topics.untilCommitted(world.id, topic, ROWS / 4);
    await twin.kill();
    await topics.untilCommitted(world.id, topic, ROWS / 2);
    await twin.start();
    await world.sink.stop();
    await upload;
    const log = (await topics.read(topic)).map(orderOfRecord);
    const agrees = async () => {
      for (const by of GROUPS) expect(await answeredLines(api, by)).toEqual(linesOf(log, by));
      return true;
    };
    await eventually(agrees, { timeoutMs: 10_000, what: 'statistics of the whole log' });
  } finally {
    await twin.stop();
    await world.close();
  }
});
