import { deadLetterTopic } from '@orderstream/contracts';
import type { StreamDefinition } from './definition.js';

/** Letters are few, and their order is worth having. */
const DEAD_LETTER_PARTITIONS = 1;

/** The topics a stream needs: its own and the one of its dead letters. */
export function topicsOf({ topic, partitions }: StreamDefinition): { topic: string; partitions: number }[] {
  return [
    { topic, partitions },
    { topic: deadLetterTopic(topic), partitions: DEAD_LETTER_PARTITIONS },
  ];
}
