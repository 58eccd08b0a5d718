import { createHash } from 'node:crypto';
import type { StreamDefinition } from '../definition.js';
import type { BucketKey } from './bucket.js';
import type { StatsCell } from './stats-cell.js';

const DAY_MS = 86_400_000;
const HOURS = 24;
/** 1970-01-01 was a Thursday; 0 is Monday. */
const EPOCH_WEEKDAY = 3;
/** Accounts are spread over so many shards, so that none grows with their number alone. */
const ACCOUNT_SHARDS = 32;
/** Counts up when buckets are made by other rules: old ones are not gone on with. */
const RULES = 1;

/** A bucket, and the slots of it that a cell belongs to. */
export interface CellPlace {
  readonly key: BucketKey;
  readonly slots: readonly number[];
  /** ids of records are kept there */
  readonly hasSamples: boolean;
}

/** Slots of a bucket in the shard `all`: 0–23 are hours of the day, UTC, and these the days of the week from Monday on. */
export const FIRST_WEEKDAY_SLOT = HOURS;

/** Where the records of a category and hour are counted: in a bucket of that day, and in one of all times. */
export function placesOfCategory({ name, slot: hour }: StatsCell): readonly CellPlace[] {
  const day = Math.floor(hour / HOURS);
  const hourOfDay = hour - day * HOURS;
  return [
    { key: { shard: shardOfDay(day), name, day }, slots: [hourOfDay], hasSamples: false },
    {
      key: { shard: ALL_SHARD, name, day: 0 },
      slots: [hourOfDay, FIRST_WEEKDAY_SLOT + weekdayOfDay(day)],
      hasSamples: true,
    },
  ];
}

/** Where the records of an account and day are counted. */
export const placeOfAccount = ({ name, slot: day }: StatsCell): { readonly key: BucketKey; readonly slot: number } => ({
  key: { shard: shardOfAccount(name), name, day },
  slot: 0,
});

/** 0 = Monday. */
export const weekdayOfDay = (day: number): number => (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;

export const ALL_SHARD = 'all';

/** `day` counts from the epoch. Beyond the years that a date can name it is its number. */
export function shardOfDay(day: number): string {
  const date = new Date(day * DAY_MS);
  return Number.isNaN(date.getTime()) ? `day-${day}` : date.toISOString().slice(0, -14);
}

const SHARDS_OF_ACCOUNTS: readonly string[] = Array.from(
  { length: ACCOUNT_SHARDS },
  (_, n) => `account-${String(n).padStart(2, '0')}`,
);

/** In the order in which they are read. */
export const accountShards = (): string[] => [...SHARDS_OF_ACCOUNTS];

/** FNV-1a over code units: cheap, and the same for ever. */
export function shardOfAccount(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return SHARDS_OF_ACCOUNTS[(hash >>> 0) % ACCOUNT_SHARDS]!;
}

/** For brokers that have no ids for topics (Kafka before 2.8): a recreated topic cannot be told there. */
const NO_TOPIC_ID = 'no-id';

/**
 * Names the log whose records are counted: its topic's id, and what is counted of it. Another topic under the same name,
 * or other statistics, begin anew.
 */
export function liveSource(topicId: string | undefined, { stats = {} }: StreamDefinition): string {
  return `${topicId ?? NO_TOPIC_ID}.${fingerprint([RULES, stats])}`;
}

/** The table of one stream as it was counted once. */
export const exactSource = (recountId: string): string => `recount-${recountId}`;

/** Tells whether a recount was made of the same statistics. */
export const statsFingerprint = ({ stats = {} }: StreamDefinition): string => fingerprint([RULES, stats]);

const fingerprint = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
