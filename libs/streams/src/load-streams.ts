import { builtInStreams } from './built-in-streams.js';
import type { StreamDefinition } from './definition.js';

/** The streams of a process. `topicPrefix` stands before every topic, for clusters that are shared. */
export function loadStreams({ topicPrefix }: { topicPrefix: string }): readonly StreamDefinition[] {
  return builtInStreams().map((definition) => ({ ...definition, topic: topicPrefix + definition.topic }));
}
