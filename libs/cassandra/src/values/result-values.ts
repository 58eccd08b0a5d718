import type { ResultRow } from '../session/cassandra-session.js';

/** Reads of one column of an answer. A null column is undefined. */
export function textIn(row: ResultRow, column: string): string | undefined {
  const value = row[column];
  // Text, numbers, uuids and dates all have a text of their own.
  return value === null || value === undefined ? undefined : (value as { toString(): string }).toString();
}

/** ints and bigints; counts and times stay far below 2^53 */
export function numberIn(row: ResultRow, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}

export function bigintIn(row: ResultRow, column: string): bigint | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : (value as bigint);
}

/** ms since the epoch */
export function timeIn(row: ResultRow, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : (value as Date).getTime();
}

export function bytesIn(row: ResultRow, column: string): Uint8Array | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : (value as Uint8Array);
}

export function mapIn<V>(row: ResultRow, column: string): Map<string, V> {
  return new Map(Object.entries((row[column] as Readonly<Record<string, V>> | null | undefined) ?? {}));
}

export function listIn(row: ResultRow, column: string): readonly string[] {
  return (row[column] as readonly string[] | null | undefined) ?? [];
}
