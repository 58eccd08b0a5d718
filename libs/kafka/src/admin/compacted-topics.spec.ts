import kafkajs, { type Admin } from 'kafkajs';
import { compactedOf } from './compacted-topics.js';

const answering = (policyByTopic: Record<string, string>): Pick<Admin, 'describeConfigs'> => ({
  describeConfigs: async ({ resources }) =>
    ({
      resources: resources.map(({ name }) => ({
        resourceName: name,
        configEntries: [{ configName: 'cleanup.policy', configValue: policyByTopic[name] }],
      })),
    }) as never,
});
const failing = (error: Error): Pick<Admin, 'describeConfigs'> => ({ describeConfigs: () => Promise.reject(error) });

describe('compactedOf', () => {
  it('names the topics whose policy has compact in it', async () => {
    const admin = answering({ a: 'delete', b: 'compact', c: 'compact,delete' });
    expect(await compactedOf(admin, ['a', 'b', 'c'])).toEqual(new Set(['b', 'c']));
  });

  it('does not know where Kafka refuses to tell, and rejects while it is away', async () => {
    const refused = Object.assign(new kafkajs.KafkaJSProtocolError('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(await compactedOf(failing(refused), ['a'])).toBeUndefined();
    await expect(compactedOf(failing(new kafkajs.KafkaJSConnectionError('away')), ['a'])).rejects.toThrow('away');
  });
});
