import type { BucketKey, BucketValues } from '@orderstream/streams';
import { composePartitionKey, estimateSize, type Statement } from '../records/statement.js';
import { encodeInt, encodeInt64, ENCODERS, encodeText } from '../values/encode.js';

/** A bucket of one partition of a source. */
export interface BucketAt {
  readonly source: string;
  readonly partition: number;
  readonly key: BucketKey;
}

/** The statement that writes a whole bucket. `query` is `rollupStatements().insert`. */
export function bindBucket(query: string, { source, partition, key }: BucketAt, values: BucketValues): Statement {
  const { offset, slots, products, moreProducts, samples } = values;
  const cells = [
    encodeInt64(offset),
    listOf(slots, ({ slot }) => encodeInt(slot)),
    listOf(slots, ({ count }) => encodeInt64(count)),
    listOf(slots, ({ quantity }) => ENCODERS.decimal(quantity)),
    listOf(slots, ({ revenue }) => ENCODERS.decimal(revenue)),
    listOf(products, encodeText),
    ENCODERS.boolean(moreProducts),
    listOf(samples, (sample) => encodeInt64(sample.offset)),
    listOf(samples, ({ id }) => encodeText(id)),
  ];
  const partitionKey = [encodeText(source), encodeText(key.shard)];
  const clustering = [encodeText(key.name), encodeInt(partition), encodeInt(key.day)];
  return {
    query,
    params: [...partitionKey, ...clustering, ...cells, encodeInt64(writeTimeOf(values))],
    sizeBytes: clustering.reduce((sum, { length }) => sum + length, estimateSize(cells)),
    partitionKeyId: `${source}\u0000${key.shard}`,
    partitionKey: composePartitionKey(partitionKey),
  };
}

/** Above zero, and one more for each offset. */
const writeTimeOf = ({ offset }: BucketValues): number => offset + 1;

/** A CQL list: number of items, then each with its length. */
function listOf<T>(items: readonly T[], encode: (item: T) => Buffer): Buffer {
  const parts: Buffer[] = [encodeInt(items.length)];
  for (const item of items) {
    const bytes = encode(item);
    parts.push(encodeInt(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}
