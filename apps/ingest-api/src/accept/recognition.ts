import { ProblemError } from '@orderstream/contracts';
import type {
  CompiledStream,
  HeaderMapping,
  ReadingOptions,
  RecognitionCandidate,
  StreamReading,
  StreamRegistry,
} from '@orderstream/streams';

export interface RecognitionOptions {
  readonly registry: Pick<StreamRegistry, 'recognise'>;
  /** `?stream=`; without it the header or the first record says which stream it is */
  readonly stream?: CompiledStream;
  /** what becomes of fields that the stream does not know; default `ignore`, with a warning */
  readonly extra?: 'ignore' | 'reject';
  /** how cells are read where that differs from the standard forms */
  readonly reading?: ReadingOptions;
}

export interface Recognised {
  readonly stream: CompiledStream;
  readonly mapping: HeaderMapping;
}

/** The readers of a stream for this upload. */
export const readingOf = (stream: CompiledStream, { reading }: RecognitionOptions): StreamReading =>
  reading ? stream.reading(reading) : stream;

/** Throws ProblemError `unknown_header` or `duplicate_column`. */
export function recogniseHeader(header: readonly string[], options: RecognitionOptions): Recognised {
  const recognised = recognise(header, options);
  const { stream, mapping } = recognised;
  if (mapping.duplicates.length > 0) throw duplicateColumns(mapping.duplicates);
  if (options.extra === 'reject' && mapping.surplus.length > 0) {
    const detail = `The stream ${stream.name} does not know ${list(mapping.surplus)}, and extra=reject was given.`;
    throw new ProblemError('unknown_header', detail, { errors: [explain(candidate(stream, mapping))] });
  }
  return recognised;
}

/** The stream of JSON records, by the field names of the first one. Throws ProblemError `unknown_header`. */
export const recogniseRecord = (names: readonly string[], options: RecognitionOptions): CompiledStream =>
  options.stream ?? recognise(names, options).stream;

function recognise(names: readonly string[], { stream, registry }: RecognitionOptions): Recognised {
  if (stream) {
    const mapping = stream.mapHeader(names);
    if (mapping.missing.length === 0) return { stream, mapping };
    throw unknownHeader([candidate(stream, mapping)]);
  }
  const recognition = registry.recognise(names);
  if ('stream' in recognition) return recognition;
  throw unknownHeader(recognition.candidates);
}

/** So many candidates are explained, the nearest ones: an answer about a thousand files stays readable. */
const NEAREST = 3;

function unknownHeader(candidates: readonly RecognitionCandidate[]): ProblemError {
  const isTie = candidates.length > 1 && candidates.every(({ missing }) => missing.length === 0);
  const detail = isTie
    ? `The header fits ${list(candidates.map(({ stream }) => stream))} equally well. Say which with ?stream=.`
    : 'The header has not all the required columns of any stream it could be for. Complete it; errors says what is missing.';
  return new ProblemError('unknown_header', detail, { errors: candidates.slice(0, NEAREST).map(explain) });
}

function duplicateColumns(names: readonly string[]): ProblemError {
  const errors = names
    .slice(0, NAMED)
    .map(cut)
    .map((column) => ({ detail: `The column ${column} stands twice.`, column }));
  return new ProblemError('duplicate_column', `The header has ${list(names)} more than once. Keep one of each.`, {
    errors,
  });
}

const candidate = (stream: CompiledStream, { missing, surplus }: HeaderMapping): RecognitionCandidate => ({
  stream: stream.name,
  missing: [...missing],
  surplus: [...surplus],
});

function explain({ stream, missing, surplus }: RecognitionCandidate) {
  const parts = [
    ...(missing.length > 0 ? [`${list(missing)} missing`] : []),
    ...(surplus.length > 0 ? [`${list(surplus)} not known`] : []),
  ];
  return {
    detail: `${stream}: ${parts.join(', ') || 'fits'}`,
    stream,
    missing,
    surplus: surplus.slice(0, NAMED).map(cut),
  };
}

/** A header of thousands of columns is not said back whole: each name in full up to a length, and so many names. */
const NAMED = 50;
const SHOWN_LENGTH = 100;

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map(cut);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

const cut = (name: string): string => (name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name);
