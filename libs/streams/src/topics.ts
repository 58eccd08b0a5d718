import { deadLetterTopic } from '@orderstream/contracts';
import type { StreamDefinition } from './definition.js';

export interface StreamTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  /** somebody else's: never made here */
  readonly mustExist: boolean;
}

/** Letters are few, and their order is worth having. */
const DEAD_LETTER_PARTITIONS = 1;
/**
 * A letter is its record and more headers, and not compressed, so it may be larger than the record was: 8 MiB, where a
 * record may be 1 MiB by Kafka's default.
 */
const DEAD_LETTER_CONFIG = { 'max.message.bytes': String(8 * 1024 * 1024) };

/** A derived record has its derived fields more than the record, so it may be larger too. */
const DERIVED_CONFIG = DEAD_LETTER_CONFIG;

/** The topics a stream needs: its own, the one of its dead letters, and the derived one where it has one. */
export function topicsOf({ topic, derivedTopic, partitions, managed }: StreamDefinition): readonly StreamTopic[] {
  return [
    { topic, partitions, config: {}, mustExist: managed === false },
    { topic: deadLetterTopic(topic), partitions: DEAD_LETTER_PARTITIONS, config: DEAD_LETTER_CONFIG, mustExist: false },
    ...(derivedTopic === undefined
      ? []
      : [{ topic: derivedTopic, partitions, config: DERIVED_CONFIG, mustExist: false }]),
  ];
}
