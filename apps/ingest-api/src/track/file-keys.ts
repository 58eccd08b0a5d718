import type { IdempotencyKeyRepository, StoredIdempotencyKey } from '@orderstream/cassandra';

/** Files of one multipart upload. */
export const MAX_FILES = 1000;
/** Looked up by one statement. */
const KEYS_AT_ONCE = 100;

/** Key of the n-th file (from 0) of a multipart upload. */
export const fileKey = (key: string, index: number): string => `${key}/${index}`;

/** What the keys of its files stand for, in their order; a file that was refused has none. Rejects with the driver's error. */
export async function findFileKeys(keys: IdempotencyKeyRepository, key: string): Promise<StoredIdempotencyKey[]> {
  const found: StoredIdempotencyKey[] = [];
  for (let first = 0; first < MAX_FILES; first += KEYS_AT_ONCE) {
    const count = Math.min(KEYS_AT_ONCE, MAX_FILES - first);
    found.push(...(await keys.findEach(Array.from({ length: count }, (_, i) => fileKey(key, first + i)))));
  }
  return found;
}
