import type { TopicReport } from './ensure-topics.js';

export interface TopicWarning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What an operator should know of a topic that was there before. */
export function topicWarnings({
  topic,
  partitions,
  expectedPartitions,
  unexpectedlyCompacted,
}: TopicReport): TopicWarning[] {
  const warnings: TopicWarning[] = [];
  if (partitions !== expectedPartitions) {
    const fields = { topic, partitions, expectedPartitions };
    warnings.push({ fields, message: 'the topic has another number of partitions than its stream' });
  }
  if (unexpectedlyCompacted) {
    const message = 'the topic is compacted: Kafka removes records of it that may not be stored yet';
    warnings.push({ fields: { topic }, message });
  }
  return warnings;
}
