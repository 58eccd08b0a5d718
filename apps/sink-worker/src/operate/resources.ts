import type { OnApplicationShutdown } from '@nestjs/common';
import type { CassandraSession } from '@orderstream/cassandra';
import type { PartitionProducer, TopicIds } from '@orderstream/kafka';
import type { RegistryClient } from '@orderstream/schemas';

/** Closes what the worker holds open, after the consumer has left its group. */
export class Resources implements OnApplicationShutdown {
  constructor(
    private readonly store: CassandraSession,
    private readonly producer: PartitionProducer,
    private readonly topicIds: TopicIds,
    private readonly registry: RegistryClient | undefined,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.registry?.close();
    await Promise.allSettled([this.producer.disconnect(2_000), this.topicIds.disconnect(), this.store.close()]);
  }
}
