import type { DeadLetterRepository, StoredDeadLetterSummary } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { LetterSelection } from '@orderstream/contracts/dto';

/** Which letters: all of a group, all of a job, or those with these ids. */
export type Selection = { readonly group: string } | { readonly job: string } | { readonly ids: readonly string[] };

/** Throws `bad_body` unless exactly one of the three is given. */
export function selectionOf({ group, job, ids }: LetterSelection): Selection {
  const given: Selection[] = [];
  if (group !== undefined) given.push({ group });
  if (job !== undefined) given.push({ job: job.toLowerCase() });
  if (ids !== undefined) given.push({ ids: [...new Set(ids)].sort() });
  if (given.length === 1) return given[0]!;
  throw new ProblemError('bad_body', 'say which letters: exactly one of group, job and ids');
}

/** For people. */
export function nameOf(selection: Selection): string {
  if ('group' in selection) return `group ${selection.group}`;
  return 'job' in selection ? `job ${selection.job}` : `${selection.ids.length} letters by id`;
}

/** The letters, whatever state they are in, by page. Rejects as Cassandra did. */
export function lettersIn(
  selection: Selection,
  letters: Pick<DeadLetterRepository, 'summaries' | 'summariesOf'>,
): AsyncGenerator<readonly StoredDeadLetterSummary[]> {
  if ('ids' in selection) return letters.summariesOf(selection.ids);
  return letters.summaries('group' in selection ? { fingerprint: selection.group } : { jobId: selection.job });
}
