import type { Kafka } from 'kafkajs';
import { metadataOfBrokers } from './metadata-of-brokers.js';

/**
 * Partition count by topic, over a connection of its own that is closed again. Rejects when Kafka cannot be reached or
 * a topic does not exist.
 */
export async function fetchPartitionCounts(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const metadata = await metadataOfBrokers(() => admin.fetchTopicMetadata({ topics: [...topics] }));
    return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
  } finally {
    await admin.disconnect();
  }
}
