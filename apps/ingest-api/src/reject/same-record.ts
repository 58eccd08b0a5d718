import { Buffer } from 'node:buffer';
import type { StoredDeadLetter } from '@orderstream/cassandra';

type Compared = Pick<StoredDeadLetter, 'key' | 'value' | 'writeTimeMicros'>;

/** One record that stands twice in its topic. A producer may name any job and row, so these alone prove nothing. */
export const isSameRecord = (a: Compared, b: Compared): boolean =>
  a.writeTimeMicros === b.writeTimeMicros && isSame(a.key, b.key) && isSame(a.value, b.value);

const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
