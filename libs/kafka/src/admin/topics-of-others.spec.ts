import type { Kafka } from 'kafkajs';
import { ensureTopics } from './ensure-topics.js';

/** Kafka alone is not real: it has these topics, of two partitions each, and notes what it is to make. */
function kafkaWith(...topics: string[]) {
  const created: string[] = [];
  const partitions = [0, 1].map((partitionId) => ({ partitionId, leader: 1 }));
  const admin = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    listTopics: async () => topics,
    createTopics: async ({ topics: [spec] }: { topics: { topic: string }[] }) => Boolean(created.push(spec!.topic)),
    fetchTopicMetadata: async ({ topics: names }: { topics: string[] }) => ({
      topics: names.map((name) => ({ name, partitions })),
    }),
    describeConfigs: async () => ({ resources: [] }),
  };
  return { created, kafka: { admin: () => admin } as unknown as Kafka };
}
const theirs = (topic: string) => ({ topic, partitions: 3, mustExist: true });

describe('a topic of somebody else', () => {
  it('is never made: all that are missing are told, and none of ours is made before', async () => {
    const { created, kafka } = kafkaWith('a');
    await expect(
      ensureTopics(kafka, [{ topic: 'ours', partitions: 1 }, theirs('a'), theirs('b'), theirs('c')]),
    ).rejects.toMatchObject({ code: 'topics_missing', topics: ['b', 'c'], message: expect.stringContaining('b, c.') });
    expect(created).toEqual([]);
  });

  it('has the right number of partitions, whatever it is', async () => {
    const { created, kafka } = kafkaWith('a');
    const reports = await ensureTopics(kafka, [theirs('a'), { topic: 'ours', partitions: 1 }]);
    expect(created).toEqual(['ours']);
    expect(reports).toMatchObject([
      { topic: 'a', partitions: 2, expectedPartitions: 2, created: false },
      { topic: 'ours', partitions: 2, expectedPartitions: 1, created: true },
    ]);
  });
});
