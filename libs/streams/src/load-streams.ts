import { builtInStreams } from './built-in-streams.js';
import { defineStream } from './define/define-stream.js';
import type { StreamDefinition } from './definition.js';

/** The streams of a process. Throws StreamDefinitionError when the prefix makes no topic name.
 * `topicPrefix` stands before every topic, for clusters that are shared. */
export function loadStreams({ topicPrefix }: { topicPrefix: string }): readonly StreamDefinition[] {
  return builtInStreams().map((definition) => {
    const { topic, derivedTopic } = definition;
    const derived = derivedTopic === undefined ? {} : { derivedTopic: topicPrefix + derivedTopic };
    return defineStream({ ...definition, ...derived, topic: topicPrefix + topic });
  });
}
