import type { ProblemCode, ProblemError } from '@orderstream/contracts';
import type { FieldType } from '@orderstream/streams';
import type { ExistingKeys, HottestKeys } from './dry-run-keys.js';
import type { BlankColumn, DryRunTally, RejectGroup } from './dry-run-tally.js';
import type { Suggestion } from './format-hints.js';
import type { BodyFormat } from './media-type.js';
import type { OpenedBody } from './open-body.js';

/** What an upload with the same parameters would do. Nothing of it was published or stored. */
export interface DryRunReport {
  readonly dryRun: true;
  readonly stream: string;
  readonly recognisedBy: 'parameter' | 'header' | 'fields';
  readonly format: BodyFormat;
  readonly source: { readonly name: string; readonly bytes: number; readonly sha256: string | null };
  /** each column of the stream and the header cell or field it is read from; null: the body does not have it */
  readonly columns: readonly ColumnSource[];
  /** header cells that the stream does not know */
  readonly ignored: readonly string[];
  readonly counts: { readonly received: number; readonly accepted: number; readonly rejected: number };
  /** as the job of the upload would have it at the door */
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly rejects: readonly RejectGroup[];
  /** the upload would end as `failed` at this row; what stands behind it is not counted here either. Null: it would not */
  readonly wouldFail: { readonly code: ProblemCode; readonly line: number; readonly detail: string } | null;
  readonly suggestions: readonly Suggestion[];
  readonly blanks: readonly BlankColumn[];
  readonly partitions: readonly { readonly partition: number; readonly rows: number; readonly share: number }[];
  readonly hottestKeys: HottestKeys;
  readonly existingKeys: ExistingKeys;
  /** until everything is stored, at the rate the sink drains now; null when none was seen */
  readonly estimatedSeconds: number | null;
  readonly warnings: readonly string[];
}

export interface ColumnSource {
  readonly column: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly from: string | null;
}

/** Timestamps of a body that could be read, and how many of them name no offset. */
export interface TimestampCounts {
  readonly all: number;
  readonly local: number;
}

/** The header cell or field that each column is read from. Derived columns stand there only when they are given. */
export function columnsOf({ stream, header }: OpenedBody, tally: DryRunTally): ColumnSource[] {
  const fromOf = (c: number, name: string): string | null => {
    if (!header) return tally.isGiven(c) ? name : null;
    const { indexByColumn, objectCells } = header.mapping;
    const index =
      indexByColumn[c]! >= 0 ? indexByColumn[c]! : objectCells.find(({ columns }) => columns.includes(c))?.index;
    return index === undefined ? null : header.cells[index]!.trim();
  };
  return stream.columns
    .map(({ name, type, required, derived }, c) => ({ column: name, type, required, derived, from: fromOf(c, name) }))
    .filter(({ derived, from }) => !derived || from !== null)
    .map(({ column, type, required, from }) => ({ column, type, required, from }));
}

export function partitionsOf({ rowsByPartition, accepted }: DryRunTally): DryRunReport['partitions'] {
  return rowsByPartition.map((rows, partition) => ({ partition, rows, share: accepted === 0 ? 0 : rows / accepted }));
}

/** Which zone local times are of cannot be seen in them; that they are local can. */
export function zoneSuggestion({ all, local }: TimestampCounts): Suggestion[] {
  if (local === 0) return [];
  const detail = `${local} of ${all} timestamps name no zone and are read as UTC; if they are of another, send ?timeZone= with its IANA name`;
  return [{ parameter: 'timeZone', value: null, query: null, share: local / all, detail }];
}

export const wouldFail = ({ code, detail, extra }: ProblemError): DryRunReport['wouldFail'] => ({
  code,
  line: Number(extra.errors?.[0]?.['line']),
  detail,
});
