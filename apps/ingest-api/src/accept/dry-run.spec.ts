import type { RecordTable } from '@orderstream/cassandra';
import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { chunksOf } from './chunks.fixture.js';
import { DryRun } from './dry-run.js';
import { ValueEncoding } from '../publish/value-encoding.js';

const MIB = 1024 * 1024;
const LIMITS = { maxBodyBytes: MIB, maxDecodedBytes: MIB, maxGzipRatio: 50 };
const registry = new StreamRegistry(builtInStreams());

/** Real but for Kafka and Cassandra, of which it asks the number of partitions and which keys are there. */
const examine = (body: string, rate: number | undefined, isFile = false) => {
  const dryRun = new DryRun({
    producer: { partitionCount: () => Promise.resolve(3) },
    tableByStream: new Map([['users', { existing: () => Promise.resolve([]) } as unknown as RecordTable]]),
    values: new ValueEncoding(false),
    flow: { seenDrainRate: rate, drainRateOf: () => rate! },
  });
  const toOpen = { contentType: 'application/json', body: chunksOf(body), options: { registry }, limits: LIMITS };
  return dryRun.examine(toOpen, { name: 'body', isFile });
};

describe('a dry run', () => {
  it('says how long the rows take at the rate that was seen, and nothing while none was', async () => {
    const { estimatedSeconds, partitions } = await examine('[{"id":"a"},{"id":"b"},{"id":"a"}]', 4);
    expect(partitions.map(({ rows }) => rows).sort()).toEqual([0, 1, 2]);
    expect(estimatedSeconds).toBe(0.5); // that of the fullest partition
    expect((await examine('[{"id":"a"},{"id":"b"}]', undefined)).estimatedSeconds).toBeNull();
  });

  it('takes one JSON object as a body, and refuses it as a file, as the upload does', async () => {
    expect((await examine('{"id":"a"}', 4)).counts.accepted).toBe(1);
    await expect(examine('{"id":"a"}', 4, true)).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });
});
