import { Buffer, isUtf8 } from 'node:buffer';
import {
  BadCursorError,
  type DeadLetterPage,
  type DeadLetterRepository,
  type StoredDeadLetter,
  type StoredDeadLetterSummary,
} from '@orderstream/cassandra';
import { ProblemError, type Page } from '@orderstream/contracts';
import type { DeadLetterQuery } from '@orderstream/contracts/dto';
import type { SchemaCatalog } from '@orderstream/schemas';
import { decodeValue, schemaIdOf } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { withoutControls } from '../reject/stored-reject.js';

export interface DeadLetterGroup {
  readonly fingerprint: string;
  readonly code: string;
  readonly stage: string;
  readonly stream: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly sample: { readonly id: string; readonly reason: string };
}

/** `open` is the number of open letters over all groups, whatever the groups are of. */
export interface DeadLetterGroups extends Page<DeadLetterGroup> {
  readonly open: number;
}

export interface LetterSummary {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly stream: string;
  readonly stage: string;
  readonly code: string;
  readonly column: string | null;
  readonly reason: string;
  readonly state: string;
  readonly job: string | null;
  readonly row: number | null;
  readonly attempt: number;
  readonly firstSeen: string;
  /** null unless it was discarded */
  readonly discardReason: string | null;
}

export type DeadLetterList = Page<LetterSummary>;

/** The record itself: key, value and headers as text where they are UTF-8, with control characters escaped; the value in base64 always. */
export interface LetterDetail extends LetterSummary {
  readonly key: string | null;
  readonly value: string | null;
  readonly valueBase64: string | null;
  /** what a value in Avro says; null for every other, and where the registry does not tell */
  readonly record: unknown;
  readonly headers: Readonly<Record<string, string | null>>;
}

/** Letters that are read for one page, about. */
const MOST_READ = 10_000;
const SCHEMA_DEADLINE_MS = 2_000;

/** Reads the dead letters. Every call throws `store_unavailable` when Cassandra does not answer. */
export class DeadLetters {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly schemas: Pick<SchemaCatalog, 'resolve'>,
  ) {}

  /** Of open letters, unless the query names another state. */
  async groups(query: DeadLetterQuery): Promise<DeadLetterGroups> {
    const fits = filterOf({ ...query, state: query.state ?? 'open' });
    return orStoreUnavailable(async () => {
      const groupByFingerprint = new Map<string, { group: DeadLetterGroup; firstMs: number; lastMs: number }>();
      let open = 0;
      for await (const page of this.letters.summaries()) {
        for (const letter of page) {
          if (letter.state === 'open') open++;
          if (fits(letter)) addTo(groupByFingerprint, letter);
        }
      }
      const groups = [...groupByFingerprint.values()].sort((a, b) => b.lastMs - a.lastMs);
      return {
        open,
        items: groups.map(({ group, firstMs, lastMs }) => ({
          ...group,
          firstSeen: iso(firstMs),
          lastSeen: iso(lastMs),
        })),
        next: null,
      };
    });
  }

  /** A page may be short, and another follow, where few of very many letters fit. Throws `bad_parameter` for a bad cursor. */
  async list(query: DeadLetterQuery): Promise<DeadLetterList> {
    const fits = filterOf(query);
    const { group: fingerprint, job: jobId, limit } = query;
    return orStoreUnavailable(async () => {
      const items: LetterSummary[] = [];
      let cursor: string | null | undefined = query.cursor;
      for (let read = 0; cursor !== null && items.length < limit && read < MOST_READ;) {
        const page: DeadLetterPage = await this.letters
          .list({ fingerprint, jobId, limit: limit - items.length, cursor })
          .catch(orBadParameter);
        items.push(...page.items.filter(fits).map(summaryOf));
        read += limit;
        cursor = page.next;
      }
      return { items, next: cursor ?? null };
    });
  }

  async find(id: string): Promise<LetterDetail> {
    const letter = await orStoreUnavailable(() => this.letters.find(id));
    if (!letter) throw new ProblemError('not_found', `there is no dead letter ${id}; an id is topic-partition-offset`);
    return detailOf(letter, await this.recordIn(letter));
  }

  private async recordIn(letter: StoredDeadLetter): Promise<unknown> {
    const value = letter.value && Buffer.from(letter.value);
    if (schemaIdOf(value) === undefined) return null;
    const { schemas, readable } = await this.schemas.resolve([{ value }], SCHEMA_DEADLINE_MS);
    const decoded = readable === 0 ? undefined : decodeValue(value!, schemas);
    return decoded?.kind === 'value' ? decoded.value : null;
  }
}

const orBadParameter = (error: unknown): never => {
  if (!(error instanceof BadCursorError)) throw error;
  const detail = 'cursor is not a `next` of this list; leave it out to begin at its first page';
  throw new ProblemError('bad_parameter', detail, { cause: error });
};

/** By state and by the time a letter was first seen. */
function filterOf({ state, from, to }: DeadLetterQuery): (letter: StoredDeadLetterSummary) => boolean {
  const fromMs = from === undefined ? -Infinity : Date.parse(from);
  const toMs = to === undefined ? Infinity : Date.parse(to);
  return (letter) =>
    (state === undefined || letter.state === state) && letter.firstSeenMs >= fromMs && letter.firstSeenMs < toMs;
}

function addTo(
  groups: Map<string, { group: DeadLetterGroup; firstMs: number; lastMs: number }>,
  letter: StoredDeadLetterSummary,
): void {
  const { fingerprint, code, stage, stream, id, reason, firstSeenMs } = letter;
  const known = groups.get(fingerprint);
  const count = (known?.group.count ?? 0) + 1;
  const sample = known?.group.sample ?? { id, reason: withoutControls(reason) };
  groups.set(fingerprint, {
    group: { fingerprint, code, stage, stream, count, firstSeen: '', lastSeen: '', sample },
    firstMs: Math.min(known?.firstMs ?? Infinity, firstSeenMs),
    lastMs: Math.max(known?.lastMs ?? 0, firstSeenMs),
  });
}

function summaryOf(letter: StoredDeadLetterSummary): LetterSummary {
  const { id, topic, partition, offset, stream, stage, code, reason, state, attempt } = letter;
  return {
    id,
    topic,
    partition,
    offset,
    stream,
    stage,
    code,
    column: letter.column ?? null,
    reason: withoutControls(reason),
    state,
    job: letter.jobId ?? null,
    row: letter.jobRow ?? null,
    attempt,
    firstSeen: iso(letter.firstSeenMs),
    discardReason: letter.discardReason === undefined ? null : withoutControls(letter.discardReason),
  };
}

function detailOf(letter: StoredDeadLetter, record: unknown): LetterDetail {
  const headers = [...letter.headers].map(([name, value]) => [name, textOf(value)]);
  return {
    ...summaryOf(letter),
    key: textOf(letter.key),
    value: textOf(letter.value),
    valueBase64: letter.value && Buffer.from(letter.value).toString('base64'),
    record,
    headers: Object.fromEntries(headers) as LetterDetail['headers'],
  };
}

/** Null for what is no text; it is never changed silently. */
const textOf = (bytes: Uint8Array | null): string | null =>
  bytes && isUtf8(bytes) ? withoutControls(Buffer.from(bytes).toString('utf8')) : null;

const iso = (ms: number): string => new Date(ms).toISOString();
