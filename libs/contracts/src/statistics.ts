import type { Page } from './page.js';

/** `live`: every record that was applied; `exact`: the rows of the table as they were counted last. */
export const STATS_KINDS = ['live', 'exact'] as const;
export type StatsKind = (typeof STATS_KINDS)[number];

/** One group. Which of the first it has is what it was grouped by; an account stands under the name of its field. */
export interface StatsItem {
  /** null: rows that no record of the log has written */
  readonly partition?: number | null;
  /** null: records that have none */
  readonly category?: string | null;
  /** 0–23, UTC */
  readonly hour?: number;
  /** `Monday` … `Sunday`, UTC */
  readonly weekday?: string;
  readonly count: number;
  /** null where the stream has no such field; text where a number could not hold it exactly */
  readonly quantity: number | string | null;
  /** decimal text; null where the stream has no such field */
  readonly revenue: string | null;
  /** distinct names, 50 at most */
  readonly products?: readonly string[];
  readonly moreProducts?: boolean;
  /** ids of some of the records */
  readonly samples?: readonly string[];
  readonly [account: string]: unknown;
}

/** What `GET /streams/:name/stats` answers. */
export interface StatsAnswer extends Page<StatsItem> {
  readonly stream: string;
  readonly by: string;
  readonly kind: StatsKind;
  /** when the table was counted; null: now, and so far */
  readonly asOf: string | null;
}

/** What `POST /streams/:name/stats/recount` answers. */
export interface StatsRecount {
  readonly id: string;
  readonly stream: string;
  readonly kind: 'exact';
  readonly asOf: string;
  /** rows of the table */
  readonly records: number;
  readonly seconds: number;
}
