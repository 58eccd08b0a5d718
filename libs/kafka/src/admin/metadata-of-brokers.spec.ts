import type { Kafka } from 'kafkajs';
import { failureOf } from '../kafka-errors.js';
import { ensureTopics } from './ensure-topics.js';
import { metadataOfBrokers } from './metadata-of-brokers.js';

/** As kafkajs's admin client does with the answer of its cluster. */
const readOnIn = async (answer: { topicMetadata: string[] } | null): Promise<string[]> => {
  const { topicMetadata } = answer!;
  return topicMetadata;
};

describe('brokers that cannot describe themselves', () => {
  it('are waited for', async () => {
    const error: unknown = await metadataOfBrokers(() => readOnIn(null)).catch((thrown: unknown) => thrown);
    expect(failureOf(error)).toEqual({ code: 'broker_not_available', retriable: true });
    expect(error).toMatchObject({ message: expect.stringContaining('No broker could say') });
  });

  it('are asked again while an application starts', async () => {
    const answers = [null, { topicMetadata: ['orders'] }];
    const partitions = [{ partitionId: 0, leader: 1 }];
    const admin = {
      connect: async () => undefined,
      disconnect: async () => undefined,
      listTopics: () => readOnIn(answers.shift()!),
      fetchTopicMetadata: async () => ({ topics: [{ name: 'orders', partitions }] }),
      describeConfigs: async () => ({ resources: [] }),
    };
    const kafka = { admin: () => admin } as unknown as Kafka;
    const waited: string[] = [];
    const onWaiting = (error: unknown) => waited.push((error as Error).message);
    const reports = await ensureTopics(kafka, [{ topic: 'orders', partitions: 1 }], { onWaiting });
    expect(reports).toMatchObject([{ topic: 'orders', created: false, partitions: 1 }]);
    expect(waited).toEqual([expect.stringContaining('No broker could say')]);
  });

  it('are not blamed for another mistake', async () => {
    const mistake = new TypeError('admin.listTopics is not a function');
    await expect(metadataOfBrokers(() => Promise.reject(mistake))).rejects.toBe(mistake);
  });
});
