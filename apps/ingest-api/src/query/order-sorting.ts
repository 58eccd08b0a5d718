import type { RecordValue } from '@orderstream/cassandra';
import { primaryKeyOf } from '@orderstream/cassandra';
import type { CompiledStream } from '@orderstream/streams';

/** Where an order stands among the newest: by time, then by stream and key, so that no two stand at one place. */
export type OrderPlace = readonly [time: string, stream: string, key: string];

export interface ListedOrder {
  readonly stream: string;
  readonly record: Readonly<Record<string, RecordValue>>;
}

/** Of a record without an event time, the time is empty: older than all. */
export function placeOf({ name, definition }: CompiledStream, record: ListedOrder['record']): OrderPlace {
  const time = definition.eventTime === undefined ? undefined : record[definition.eventTime];
  const key = JSON.stringify(primaryKeyOf(definition).map((column) => record[column]));
  return [typeof time === 'string' ? time : '', name, key]; // a time is a text, by its definition
}

/** Newest first; canonical times of four-digit years are in the order of their text. */
export function comparePlaces(a: OrderPlace, b: OrderPlace): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? 1 : -1;
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0;
}
