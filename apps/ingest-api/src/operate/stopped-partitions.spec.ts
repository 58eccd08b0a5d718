import type { PartitionOrder } from '@orderstream/cassandra';
import type { StoppedPartitionView, WorkerView } from '@orderstream/contracts';
import { loadStreams, StreamRegistry } from '@orderstream/streams';
import { StoppedPartitions } from './stopped-partitions.js';

const at = (offset: string, partition = 1): StoppedPartitionView => ({
  topic: 'users_created',
  partition,
  offset,
  error: 'TypeError: boom',
});

/** The workers say which partitions they have stopped; what is ordered is written down. */
function setUp(...stoppedByWorker: StoppedPartitionView[][]) {
  const ordered: PartitionOrder[] = [];
  const workers = { list: async () => stoppedByWorker.map((stopped) => ({ stopped }) as unknown as WorkerView) };
  const orders = { put: async (order: PartitionOrder) => void ordered.push(order) };
  const streams = new StreamRegistry(loadStreams({ topicPrefix: '' }));
  return { partitions: new StoppedPartitions(streams, workers, orders), ordered };
}

describe('StoppedPartitions', () => {
  it('orders for the very record at which a worker stands', async () => {
    const { partitions, ordered } = setUp([], [at('7', 0), at('41')]);
    const answer = await partitions.order('users', 1, 'skip');
    expect(answer).toEqual({ stream: 'users', partition: 1, offset: '41', action: 'skip' });
    expect(ordered).toEqual([{ topic: 'users_created', partition: 1, offset: '41', action: 'skip' }]);
  });

  it('takes the one that is further when the row of a sink that is gone still says so too', async () => {
    const { partitions, ordered } = setUp([at('9')], [at('41')]);
    await partitions.order('users', 1, 'retry');
    expect(ordered.map(({ offset }) => offset)).toEqual(['41']);
  });

  it('orders nothing for a partition that is not stopped, or a stream that is not there', async () => {
    const { partitions, ordered } = setUp([at('41')]);
    await expect(partitions.order('users', 0, 'retry')).rejects.toMatchObject({ code: 'partition_not_stopped' });
    await expect(partitions.order('orders', 1, 'retry')).rejects.toMatchObject({ code: 'partition_not_stopped' });
    await expect(partitions.order('nobody', 1, 'retry')).rejects.toMatchObject({ code: 'stream_not_found' });
    expect(ordered).toEqual([]);
  });
});
