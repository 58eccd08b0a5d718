const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * The partition of a keyed record: the same one that kafkajs's DefaultPartitioner and the Java client choose.
 * Throws a RangeError when `partitions` is not a whole number of 1 or more.
 */
export function partitionOf(key: Buffer | string, partitions: number): number {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`A topic has a whole number of partitions, 1 or more; got ${partitions}`);
  }
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

/** 32-bit murmur2 as in Kafka's `Utils.murmur2`, signed. */
function murmur2(data: Buffer): number {
  const length = data.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24), M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length & 3;
  if (rest === 3) h ^= data[whole + 2]! << 16;
  if (rest >= 2) h ^= data[whole + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ data[whole]!, M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
