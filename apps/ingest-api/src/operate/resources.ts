import type { BeforeApplicationShutdown, OnApplicationShutdown } from '@nestjs/common';
import type { CassandraSession } from '@orderstream/cassandra';
import type { KafkaAdmin, PartitionProducer, TopicIds } from '@orderstream/kafka';
import type { RegistryClient } from '@orderstream/schemas';
import type { Runs } from '../generate/runs.js';
import type { FlowControl } from '../track/flow-control.js';
import type { JobReader } from '../track/job-reader.js';
import type { RunningJobs } from '../track/running-jobs.js';
import type { Backends } from './backends.js';

export interface Closable {
  /** answers that last as long as somebody listens */
  readonly tails: { end(): Promise<void> };
  readonly runs: Runs;
  readonly redrives: { stop(): Promise<void> };
  /** what reads whole tables for a caller who waits */
  readonly proofs: readonly { stop(): Promise<void> }[];
  readonly reader: JobReader;
  readonly running: RunningJobs;
  readonly backends: Backends;
  readonly flow: FlowControl;
  readonly producer: PartitionProducer;
  readonly admin: KafkaAdmin;
  readonly topicIds: TopicIds;
  readonly store: CassandraSession;
  readonly registry: RegistryClient | undefined;
}

/** Ends runs, proofs and those who wait for jobs first, then writes down what is in memory only, then closes the connections. */
export class Resources implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly parts: Closable,
    private readonly shutdownMs: number,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.parts.reader.endWaits();
    const { tails, runs, redrives, proofs } = this.parts;
    await Promise.all([tails.end(), runs.stopAll(), redrives.stop(), ...proofs.map((each) => each.stop())]);
  }

  async onApplicationShutdown(): Promise<void> {
    const { running, backends, flow, producer, admin, topicIds, store, registry } = this.parts;
    registry?.close();
    backends.stopWatching();
    flow.stop();
    await running.flush(this.shutdownMs / 3);
    const brokers = [producer.disconnect(this.shutdownMs / 3), admin.disconnect(), topicIds.disconnect()];
    await Promise.allSettled([...brokers, store.close()]);
  }
}
