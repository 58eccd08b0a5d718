import type { DeadLetterRepository, StoredDeadLetter, StoredDeadLetterSummary } from '@orderstream/cassandra';
import { ProblemError, type Page } from '@orderstream/contracts';
import type { DeadLetterQuery } from '@orderstream/contracts/dto';
import { orStoreUnavailable } from '../problems/store-unavailable.js';

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

/** `open` is the number of open letters over all groups. */
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
}

export type DeadLetterList = Page<LetterSummary>;

/** The record itself, as text where it is UTF-8 and in base64 always. */
export interface LetterDetail extends LetterSummary {
  readonly key: string | null;
  readonly value: string | null;
  readonly valueBase64: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the dead letters. Every call throws `store_unavailable` when Cassandra does not answer. */
export class DeadLetters {
  constructor(private readonly letters: DeadLetterRepository) {}

  async groups(): Promise<DeadLetterGroups> {
    return orStoreUnavailable(async () => {
      const groupByFingerprint = new Map<string, { group: DeadLetterGroup; firstMs: number; lastMs: number }>();
      for await (const page of this.letters.openLetters()) {
        for (const letter of page) addTo(groupByFingerprint, letter);
      }
      const groups = [...groupByFingerprint.values()].sort((a, b) => b.lastMs - a.lastMs);
      return {
        open: groups.reduce((sum, { group }) => sum + group.count, 0),
        items: groups.map(({ group, firstMs, lastMs }) => ({
          ...group,
          firstSeen: iso(firstMs),
          lastSeen: iso(lastMs),
        })),
        next: null,
      };
    });
  }

  async list({ group, job, limit, cursor }: DeadLetterQuery): Promise<DeadLetterList> {
    return orStoreUnavailable(async () => {
      const page = await this.letters.list({ fingerprint: group, jobId: job, limit, cursor });
      return { items: page.items.map(summaryOf), next: page.next };
    });
  }

  async find(id: string): Promise<LetterDetail> {
    const letter = await orStoreUnavailable(() => this.letters.find(id));
    if (!letter) throw new ProblemError('not_found', `there is no dead letter ${id}; an id is topic-partition-offset`);
    return detailOf(letter);
  }
}

function addTo(
  groups: Map<string, { group: DeadLetterGroup; firstMs: number; lastMs: number }>,
  letter: StoredDeadLetterSummary,
): void {
  const { fingerprint, code, stage, stream, id, reason, firstSeenMs } = letter;
  const known = groups.get(fingerprint);
  const count = (known?.group.count ?? 0) + 1;
  const sample = known?.group.sample ?? { id, reason };
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
    reason,
    state,
    job: letter.jobId ?? null,
    row: letter.jobRow ?? null,
    attempt,
    firstSeen: iso(letter.firstSeenMs),
  };
}

function detailOf(letter: StoredDeadLetter): LetterDetail {
  const headers = [...letter.headers].map(([name, value]) => [name, Buffer.from(value).toString('utf8')]);
  return {
    ...summaryOf(letter),
    key: letter.key && Buffer.from(letter.key).toString('utf8'),
    value: letter.value && Buffer.from(letter.value).toString('utf8'),
    valueBase64: letter.value && Buffer.from(letter.value).toString('base64'),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
