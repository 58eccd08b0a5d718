import { deadLetterTopic } from '@orderstream/contracts';
import type { StreamDefinition } from './definition.js';

export interface StreamTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Letters are few, and their order is worth having. */
const DEAD_LETTER_PARTITIONS = 1;
/**
 * A letter is its record and more headers, and not compressed, so it may be larger than the record was: 8 MiB, where a
 * record may be 1 MiB by Kafka's default.
 */
const DEAD_LETTER_CONFIG = { 'max.message.bytes': String(8 * 1024 * 1024) };

/** The topics a stream needs: its own and the one of its dead letters. */
export function topicsOf({ topic, partitions }: StreamDefinition): readonly StreamTopic[] {
  return [
    { topic, partitions, config: {} },
    { topic: deadLetterTopic(topic), partitions: DEAD_LETTER_PARTITIONS, config: DEAD_LETTER_CONFIG },
  ];
}
