import { jobOf, rowOf } from '@orderstream/contracts';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { SchemaLookup } from '@orderstream/streams';
import { COMMENT_MS, eventText, RETRY, WAITING } from '../events/server-events.js';
import { shownValue } from '../query/shown-value.js';
import type { TailBuffer, TailEntry } from './tail-buffer.js';

const MAX_TIME_MS = 8.64e15;
/** A value whose schema the registry does not tell in time is shown as its bytes. */
const SCHEMA_DEADLINE_MS = 2_000;

export interface TailedTopic {
  readonly topic: string;
  readonly schemas: Pick<SchemaCatalog, 'resolve'>;
}

/**
 * A topic as server-sent events: `record` for each record, `skipped` with their number where the client was too slow for
 * some. Ends when the signal aborts.
 */
export async function* tailEvents(
  { topic, schemas: catalog }: TailedTopic,
  buffer: TailBuffer,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield RETRY;
  while (!signal.aborted) {
    const entries = buffer.take();
    const records = entries.flatMap((entry) => ('record' in entry ? [entry.record] : []));
    const { schemas } = await catalog.resolve(records, SCHEMA_DEADLINE_MS);
    for (const entry of entries) yield textOf(topic, entry, schemas);
    if (entries.length > 0) continue;
    const beganMs = Date.now();
    await buffer.arrival(COMMENT_MS, signal);
    if (Date.now() - beganMs >= COMMENT_MS) yield WAITING;
  }
}

function textOf(topic: string, entry: TailEntry, schemas: SchemaLookup): string {
  if ('skipped' in entry) return eventText('skipped', { count: entry.skipped });
  const { partition, record } = entry;
  const [job, row] = [jobOf(record), rowOf(record)];
  const data = {
    topic,
    partition,
    offset: record.offset,
    timestamp: isoTime(Number(record.timestamp)),
    key: record.key === null ? null : record.key.toString('utf8'),
    ...(job !== undefined && { job }),
    ...(row !== undefined && { row: Number(row) }),
    ...shownValue(record.value, schemas),
  };
  return eventText('record', data, `${topic}:${partition}:${record.offset}`);
}

/** A producer may give its records any time, one that no calendar has too. */
const isoTime = (ms: number): string | null => (Math.abs(ms) <= MAX_TIME_MS ? new Date(ms).toISOString() : null);
