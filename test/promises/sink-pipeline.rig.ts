import {
  DeadLetterRepository,
  migrate,
  RecordTable,
  ReplicaSets,
  RollupRepository,
  StatementRunner,
  type CassandraSession,
  type Statement,
} from '@orderstream/cassandra';
import { ensureTopics } from '@orderstream/kafka';
import { createLog, createMetrics } from '@orderstream/observability';
import { SchemaCatalog } from '@orderstream/schemas';
import { loadStreams, StreamRegistry, topicsOf } from '@orderstream/streams';
import { PartitionTally } from '../../apps/sink-worker/src/consume/partition-tally.js';
import { DerivedPublisher } from '../../apps/sink-worker/src/derive/derived-publisher.js';
import { Pipeline } from '../../apps/sink-worker/src/pipeline.js';
import { DeadLetterWriter } from '../../apps/sink-worker/src/reject/dead-letter-writer.js';
import { Rejecter } from '../../apps/sink-worker/src/reject/rejecter.js';
import { BucketWriter } from '../../apps/sink-worker/src/rollup/bucket-writer.js';
import { Rollup } from '../../apps/sink-worker/src/rollup/rollup.js';
import { CassandraWriter } from '../../apps/sink-worker/src/write/cassandra-writer.js';
import { newName, type KafkaRig } from './kafka-transport.rig.js';

/** As it is shipped. A seventh of it is for dead letters: a machine that has more to do needs that time. */
const WRITE_DEADLINE_MS = 5_000;

/** Cassandra, with something before it for the rows of some keys: what that throws is what the writer is answered. */
export class HeldRunner extends StatementRunner {
  readonly beforeByKey = new Map<string, () => Promise<void>>();

  override async executeBatch(statements: readonly Statement[]): Promise<void> {
    for (const { partitionKeyId } of statements) await this.beforeByKey.get(partitionKeyId)?.();
    return super.executeBatch(statements);
  }

  /** Rows of that key go to Cassandra once the answer is called. */
  hold(key: string): () => void {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.beforeByKey.set(key, () => released);
    return release;
  }
}

/** The sink's own path of the records of `orders`, in this process; every statement is a batch of its own. */
export interface SinkPipeline {
  readonly pipeline: Pipeline;
  readonly topic: string;
  readonly runner: HeldRunner;
}

/** Makes its tables and its topics. `session` is connected, on a keyspace that need not be there. */
export async function sinkPipeline(rig: KafkaRig, session: CassandraSession): Promise<SinkPipeline> {
  const definitions = loadStreams({ topicPrefix: `${newName()}.` });
  await migrate(session, { streams: definitions, replication: 1 });
  const stream = new StreamRegistry(definitions).byName('orders')!;
  const table = new RecordTable(session, stream.definition);
  const letters = new DeadLetterRepository(session, 3_600);
  const rollups = new RollupRepository(session);
  const prepared = [table, letters, rollups].map((each) => each.prepareAll());
  await Promise.all([...prepared, ensureTopics(rig.kafka, topicsOf(stream.definition))]);

  const [metrics, log] = [createMetrics('sink-pipeline'), createLog({ app: 'sink-pipeline', level: 'silent' })];
  const runner = new HeldRunner(session);
  const limits = { maxKeys: 1, maxBytes: 5_000, maxInFlight: 64 };
  const replicas = new ReplicaSets(session);
  const writer = new CassandraWriter(runner, replicas, metrics, limits);
  const bucketWriter = new BucketWriter(new StatementRunner(session), replicas, limits);
  const rollup = new Rollup({ store: rollups, writer: bucketWriter, askTopicId: (topic) => rig.topicIds.idOf(topic) });
  const rejecter = new Rejecter(new DeadLetterWriter(letters, rig.producer, metrics, log));
  const stages = {
    schemas: new SchemaCatalog(undefined),
    writer,
    deriver: new DerivedPublisher(rig.producer, metrics),
    rejecter,
    rollup,
  };
  const routes = new Map([[stream.topic, { stream, table }]]);
  const observed = { tally: new PartitionTally(), metrics };
  const pipeline = new Pipeline(routes, stages, observed, WRITE_DEADLINE_MS);
  return { pipeline, topic: stream.topic, runner };
}
