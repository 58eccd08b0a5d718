import kafkajs, { type Admin } from 'kafkajs';
import { failureOf } from '../kafka-errors.js';

/** Those of the topics whose `cleanup.policy` has `compact`; undefined when Kafka refuses to tell (it is a right of its own). */
export async function compactedOf(
  admin: Pick<Admin, 'describeConfigs'>,
  topics: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  if (topics.length === 0) return new Set();
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const asked = topics.map((name) => ({ type, name, configNames: ['cleanup.policy'] }));
  try {
    const { resources } = await admin.describeConfigs({ resources: asked, includeSynonyms: false });
    const isCompacted = ({ configEntries }: (typeof resources)[number]): boolean =>
      configEntries.some(
        ({ configName, configValue }) => configName === 'cleanup.policy' && /compact/.test(configValue),
      );
    return new Set(resources.filter(isCompacted).map(({ resourceName }) => resourceName));
  } catch (error) {
    if (failureOf(error).retriable) throw error;
    return undefined;
  }
}
