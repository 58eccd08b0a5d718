/**
 * Both applications may start before what they need: here both servers are there and do not answer a word, which is
 * how a server looks that is still starting. The form in which nothing listens at all is in test/prove.
 */
import { jest } from '@jest/globals';
import { attachStack, type RunningServer } from '@orderstream/stack';
import {
  ApiClient,
  duringOutage,
  ordersCsv,
  Sandbox,
  startBeforeServers,
  type EarlyStartFigures,
} from '@orderstream/testing';

jest.setTimeout(180_000);

describe('applications that start before Kafka and Cassandra answer', () => {
  let world: Sandbox;
  let figures: EarlyStartFigures;

  beforeAll(async () => {
    world = await Sandbox.forTests();
    const { kafka, cassandra } = await attachStack(process.env['TEST_STACK_DIR']!);
    figures = await whileBothHang([kafka!, cassandra!], (wake) => startBeforeServers(world, wake));
  });
  afterAll(() => world?.close());

  it('say at their health address and in their log what they wait for', () => {
    expect(figures.saidOverHttp).toEqual({
      api: expect.stringMatching(/^waiting for /),
      sink: 'waiting for Cassandra',
    });
    expect(figures.saidInLog).toEqual({ api: true, sink: true });
  });

  it('are alive while they wait', () => {
    expect(figures.alive).toEqual({ api: 200, sink: 200 });
  });

  it('go on by themselves when the servers answer, and work', async () => {
    const job = await new ApiClient(world.api.url).upload(ordersCsv(0, 100), '?wait=stored');
    expect(job.counts).toMatchObject({ received: 100, stored: 100 });
  });
});

/** Hands `work` what makes both servers go on; they go on in any case. */
async function whileBothHang<T>(
  [kafka, cassandra]: readonly [RunningServer, RunningServer],
  work: (wake: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const wake = async (): Promise<void> => [kafka, cassandra].forEach((server) => server.kill('SIGCONT'));
  return duringOutage(kafka, 'SIGSTOP', () => duringOutage(cassandra, 'SIGSTOP', () => work(wake)));
}
