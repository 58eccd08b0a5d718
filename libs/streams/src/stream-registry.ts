import { compileStream } from './compile-stream.js';
import type { StreamDefinition } from './definition.js';
import type { CompiledStream, HeaderMapping } from './stream.js';

/** Why a stream was not chosen for a header. */
export interface RecognitionCandidate {
  readonly stream: string;
  /** required fields the header does not have; empty for streams between which there is a tie */
  readonly missing: string[];
  /** header names the stream does not know */
  readonly surplus: string[];
}

export type Recognition =
  | { readonly stream: CompiledStream; readonly mapping: HeaderMapping }
  | { readonly candidates: RecognitionCandidate[] };

/** The compiled streams of a process, by name and by topic. */
export class StreamRegistry {
  /** in the order in which they were given */
  readonly streams: readonly CompiledStream[];
  private readonly byNameMap: ReadonlyMap<string, CompiledStream>;
  private readonly byTopicMap: ReadonlyMap<string, CompiledStream>;

  /** Throws Error when two streams share a name, a topic, derived or not, or a table; it names all that are shared. */
  constructor(definitions: readonly StreamDefinition[]) {
    const shared = [
      ...sharedBy(definitions, 'name', ({ name }) => [name]),
      ...sharedBy(definitions, 'topic', ({ topic, derivedTopic }) => (derivedTopic ? [topic, derivedTopic] : [topic])),
      ...sharedBy(definitions, 'table', (definition) => [tableName(definition)]),
    ];
    if (shared.length > 0) throw new Error(`Streams must differ; rename one of each: ${shared.join('; ')}.`);
    this.streams = definitions.map(compileStream);
    this.byNameMap = new Map(this.streams.map((stream) => [stream.name, stream]));
    this.byTopicMap = new Map(this.streams.map((stream) => [stream.topic, stream]));
  }

  byName(name: string): CompiledStream | undefined {
    return this.byNameMap.get(name);
  }

  byTopic(topic: string): CompiledStream | undefined {
    return this.byTopicMap.get(topic);
  }

  /** Streams whose records are orders. */
  get orderStreams(): readonly CompiledStream[] {
    return this.streams.filter(({ definition }) => definition.orderId !== undefined);
  }

  /**
   * The stream a header (or the field names of a JSON record) belongs to: of those whose required fields are all there,
   * the one with the most matched fields. With a tie, the tied streams are the candidates; with none, those that match
   * any field (all when no stream does), the nearest first.
   */
  recognise(names: readonly string[]): Recognition {
    const matches = this.streams.map((stream) => ({ stream, mapping: stream.mapHeader(names) }));
    const complete = matches.filter(({ mapping }) => mapping.missing.length === 0 && mapping.matched > 0);
    const most = Math.max(...complete.map(({ mapping }) => mapping.matched));
    const best = complete.filter(({ mapping }) => mapping.matched === most);
    if (best.length === 1) return best[0]!;
    if (best.length > 1) return { candidates: best.map(candidateOf) };
    const near = matches.filter(({ mapping }) => mapping.matched > 0);
    return { candidates: (near.length > 0 ? near : matches).sort(byNearness).map(candidateOf) };
  }
}

/** With its keyspace, where it is not in that of all tables. */
export const tableName = ({ keyspace, table }: StreamDefinition): string =>
  keyspace === undefined ? table : `${keyspace}.${table}`;

interface Match {
  readonly stream: CompiledStream;
  readonly mapping: HeaderMapping;
}

const byNearness = (a: Match, b: Match): number =>
  b.mapping.matched - a.mapping.matched || a.mapping.missing.length - b.mapping.missing.length;

const candidateOf = ({ stream, mapping }: Match): RecognitionCandidate => ({
  stream: stream.name,
  missing: [...mapping.missing],
  surplus: [...mapping.surplus],
});

function sharedBy(
  definitions: readonly StreamDefinition[],
  part: string,
  valuesOf: (definition: StreamDefinition) => readonly string[],
): string[] {
  const values = definitions.flatMap(valuesOf);
  const repeated = new Set(values.filter((value, index) => values.indexOf(value) !== index));
  return [...repeated].map((value) => {
    const owners = definitions.filter((definition) => valuesOf(definition).includes(value)).map(({ name }) => name);
    return `${part} "${value}" of ${owners.join(', ')}`;
  });
}
