import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { partitionOf } from './partition-of.js';

const metadata = (partitions: number) =>
  Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));

describe('partitionOf', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const theirs = (key: Buffer | string, partitions: number) =>
    partitioner({ topic: 't', partitionMetadata: metadata(partitions), message: { key, value: null } });

  it('puts any bytes on the partition that kafkajs would choose', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.integer({ min: 1, max: 64 }), (bytes, partitions) => {
        const key = Buffer.from(bytes);
        expect(partitionOf(key, partitions)).toBe(theirs(key, partitions));
      }),
      { numRuns: 3000 },
    );
  });

  it('puts any text, ASCII or not, on the partition that kafkajs would choose', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        (key, partitions) => {
          expect(partitionOf(key, partitions)).toBe(theirs(key, partitions));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses a partition count that cannot be', () => {
    expect(() => partitionOf('a', 0)).toThrow(RangeError);
    expect(() => partitionOf('a', 1.5)).toThrow(RangeError);
  });
});
