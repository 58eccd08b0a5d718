import type { BucketKey, BucketValues } from '@orderstream/streams';
import { composePartitionKey, estimateSize, type Statement } from '../records/statement.js';
import { encodeInt, encodeInt64, ENCODERS, encodeText, type BoundValue } from '../values/encode.js';
import { encodeList, encodeTexts } from '../values/encode-list.js';

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
    encodeList(slots, ({ slot }) => encodeInt(slot)),
    encodeList(slots, ({ count }) => encodeInt64(count)),
    encodeList(slots, ({ quantity }) => ENCODERS.decimal(quantity)),
    encodeList(slots, ({ revenue }) => ENCODERS.decimal(revenue)),
    unlessEmpty(products, encodeTexts),
    ENCODERS.boolean(moreProducts),
    unlessEmpty(samples, (some) => encodeList(some, ({ offset: at }) => encodeInt64(at))),
    unlessEmpty(samples, (some) => encodeTexts(some.map(({ id }) => id))),
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

/** A list only grows, so what is empty was never written: its cell need not be either. */
const unlessEmpty = <T>(items: readonly T[], encode: (items: readonly T[]) => Buffer): BoundValue =>
  items.length === 0 ? undefined : encode(items);
