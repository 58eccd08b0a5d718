import type {
  DeadLetterRepository,
  NewRedriveLetter,
  StoredDeadLetterSummary,
  StoredJob,
} from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { RedriveBody } from '@orderstream/contracts/dto';
import { lettersIn, selectionOf, type Selection } from './letter-selection.js';

/** Letters of one redrive; its list is in memory. */
export const MOST_LETTERS = 100_000;

/** What was asked for. */
export interface RedriveRequest {
  readonly selection: Selection;
  /** JSON merge patch */
  readonly patch?: Readonly<Record<string, unknown>> | undefined;
  /** records per second */
  readonly rate: number;
}

/** What a redrive goes by, and whoever goes on with it: the options of its job. */
export interface RedriveOptions extends RedriveRequest {
  /** length of its list */
  readonly letters: number;
}

/** Throws `bad_body`. */
export const requestOf = ({ patch, rate, ...selection }: RedriveBody): RedriveRequest => ({
  selection: selectionOf(selection),
  patch,
  rate,
});

/** The same for requests that ask for the same; how fast is no matter. */
export const identityOf = ({ selection, patch }: RedriveRequest): string => JSON.stringify([selection, patch ?? null]);

export const optionsOf = ({ options }: Pick<StoredJob, 'options'>): RedriveOptions =>
  JSON.parse(options ?? '{}') as RedriveOptions;

/**
 * The open letters of a selection, in the order in which they are sent. One that is `redriven` while no redrive runs was
 * left by one that is over, and is as good as open.
 */
export interface OpenSelection {
  readonly letters: readonly NewRedriveLetter[];
  /** that of all its letters, open or not; empty when there is none */
  readonly stream: string;
  /** there are more than one redrive takes */
  readonly isCut: boolean;
}

/** Throws `bad_body` for letters of several streams: a job has one. Rejects as Cassandra did. */
export async function openLettersIn(
  selection: Selection,
  repository: Pick<DeadLetterRepository, 'summaries' | 'summariesOf'>,
): Promise<OpenSelection> {
  const open: StoredDeadLetterSummary[] = [];
  const streams = new Set<string>();
  for await (const page of lettersIn(selection, repository)) {
    for (const letter of page) {
      streams.add(letter.stream);
      if (letter.state === 'open' || letter.state === 'redriven') open.push(letter);
    }
    if (open.length > MOST_LETTERS) break;
  }
  const [stream = '', other] = streams;
  if (other !== undefined)
    throw new ProblemError('bad_body', `the letters are of the streams ${stream} and ${other}; take them apart`);
  const letters = open.sort(byJobAndPlace).slice(0, MOST_LETTERS);
  return { stream, letters: letters.map(({ id, jobId }) => ({ id, jobId })), isCut: open.length > MOST_LETTERS };
}

/** Rows of a segment ascend with their offsets. */
function byJobAndPlace(a: StoredDeadLetterSummary, b: StoredDeadLetterSummary): number {
  return (
    compare(a.jobId ?? '', b.jobId ?? '') ||
    compare(a.topic, b.topic) ||
    a.partition - b.partition ||
    (a.jobRow ?? 0) - (b.jobRow ?? 0) ||
    compare(BigInt(a.offset), BigInt(b.offset))
  );
}

const compare = <T extends string | bigint>(a: T, b: T): number => (a === b ? 0 : a < b ? -1 : 1);
