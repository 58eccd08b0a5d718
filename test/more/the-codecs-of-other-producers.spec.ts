/**
 * Anyone's Kafka producer may send, with any compression: the console producer of the Kafka that runs here does it.
 * What cannot be decompressed stops its own partition, and an operator can go on behind it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import type { StoppedPartitionView, WorkerView } from '@orderstream/contracts';
import { DEFAULT_JARS_DIR } from '@orderstream/stack';
import { ApiClient, eventually, KafkaTopics, Sandbox, StoreReader, type LetterDetail } from '@orderstream/testing';

jest.setTimeout(240_000);

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
type Codec = (typeof CODECS)[number];
const PARTITIONS = [0, 1, 2];
/** Records of one batch: enough that a codec finds something to refer back to. */
const ROWS = 200;
const user = (id: string, more: object = {}): string => JSON.stringify({ id, first_name: 'Ada', ...more });

/** Sends each line as a record, in one batch unless it is too large for that. */
async function produce(brokers: string, topic: string, codec: Codec, lines: readonly string[]): Promise<void> {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';
  const tool = ['-cp', join(DEFAULT_JARS_DIR, 'kafka', '*'), 'org.apache.kafka.tools.ConsoleProducer'];
  const to = ['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', codec];
  const batch = ['--producer-property', 'linger.ms=1000', '--producer-property', 'batch.size=1000000'];
  const large = ['--producer-property', 'max.request.size=4000000'];
  const child = spawn(java, ['-XX:TieredStopAtLevel=1', ...tool, ...to, ...batch, ...large]);
  const ended = once(child, 'close');
  const said = text(child.stderr);
  child.stdin.end(`${lines.join('\n')}\n`);
  const [code] = await ended;
  if (code !== 0 || / ERROR /.test(await said)) throw new Error(`the console producer failed: ${await said}`);
}

describe('a record of another producer', () => {
  let world: Sandbox;
  let api: ApiClient;
  let store: StoreReader;
  let topics: KafkaTopics;
  let topic: string;

  beforeAll(async () => {
    world = await (await Sandbox.forTests({ KAFKA_MAX_BATCH_BYTES: '512KiB' })).start();
    api = new ApiClient(world.api.url);
    topics = KafkaTopics.on(world.options.brokers);
    store = await StoreReader.connect(world.options.contactPoints, world.keyspace);
    topic = world.topic('users_created');
  });
  afterAll(() => Promise.all([store?.close(), world?.close()]));

  const stored = async (): Promise<Set<string>> => new Set((await store.rows('created_users', 'id')).keys());
  const stopped = async (): Promise<StoppedPartitionView[]> =>
    (await api.get<{ items: WorkerView[] }>('/workers')).body.items.flatMap((worker) => worker.stopped);

  it.each(CODECS)('is stored when it was compressed with %s', async (codec) => {
    const ids = Array.from({ length: ROWS }, (_, n) => `${codec}-${n}`);
    await produce(
      world.options.brokers,
      topic,
      codec,
      ids.map((id) => user(id)),
    );
    await eventually(
      async () => {
        const all = await stored();
        return ids.every((id) => all.has(id));
      },
      { what: `${ROWS} records in ${codec}` },
    );
    expect((await api.letterGroups()).open).toBe(0);
  });

  it('that decompresses to more than is allowed stops its own partition, and can be skipped', async () => {
    await produce(world.options.brokers, topic, 'zstd', [user('bomb', { address: 'x'.repeat(700_000) })]);
    const stop = await eventually(async () => (await stopped())[0], { what: 'a partition stopped' });
    expect(stop.error).toContain('KAFKA_MAX_BATCH_BYTES');

    await topics.write(
      topic,
      PARTITIONS.map((partition) => ({ partition, value: user(`after-${partition}`) })),
    );
    const others = PARTITIONS.filter((partition) => partition !== stop.partition);
    await eventually(async () => {
      const all = await stored();
      return others.every((partition) => all.has(`after-${partition}`));
    });
    expect((await stored()).has(`after-${stop.partition}`)).toBe(false);

    const skip = await fetch(`${world.api.url}/streams/users/partitions/${stop.partition}/skip`, { method: 'POST' });
    expect(skip.status).toBe(202);
    await eventually(async () => (await stored()).has(`after-${stop.partition}`), { what: 'what lay behind it' });
    const { body: letter } = await api.letter(`${topic}-${stop.partition}-${stop.offset}`);
    expect((letter as LetterDetail).code).toBe('skipped');
    expect((await stored()).has('bomb')).toBe(false);
  });
});
