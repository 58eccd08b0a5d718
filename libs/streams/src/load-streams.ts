import { builtInStreams } from './built-in-streams.js';
import { checkDefinition } from './define/define-stream.js';
import { faultAt, shownFault, type Fault } from './define/fault.js';
import { indexNameOf } from './define/key-faults.js';
import type { StreamDefinition } from './definition.js';
import { tableName } from './stream-registry.js';
import { readDefinitionFile, type DefinitionFile } from './file/read-definition-file.js';

/** Streams that cannot be used: every fault of every file, one a line. The message is all an operator needs. */
export class StreamsError extends Error {
  readonly code = 'streams_refused';
  readonly retriable = false;

  constructor(readonly faults: readonly string[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(`The streams have ${count}; correct them and start again:\n${faults.join('\n')}`);
    this.name = 'StreamsError';
  }
}

export interface StreamSources {
  /** stands before every topic but those that exist already (`managed: false`), for clusters that are shared */
  readonly topicPrefix: string;
  /** of the tables whose definition names none; a definition that names it means the same */
  readonly keyspace?: string;
  /** definitions of users, beside the built-in ones */
  readonly files?: readonly DefinitionFile[];
}

/** A definition, or what of it can be read, and the words in which its faults are told. */
interface Source {
  readonly definition: StreamDefinition | undefined;
  readonly parts: StreamDefinition;
  readonly told: (fault: Fault) => string;
  readonly origin: string;
}

/** The streams of a process: those that come with it, then those of the files. Throws StreamsError. */
export function loadStreams({ files = [], ...surroundings }: StreamSources): readonly StreamDefinition[] {
  const read = files.map((file) => ({ ...readDefinitionFile(file), origin: file.name }));
  const sources: Source[] = [
    ...builtInStreams().map((definition) => ({
      definition,
      parts: definition,
      told: (fault: Fault) => `stream ${definition.name}: ${shownFault(fault, definition)}`,
      origin: 'built in',
    })),
    ...read.flatMap(({ parts, ...file }) => (parts ? [{ ...file, parts }] : [])),
  ];
  const placed = sources.map((source) => withPlaces(source, surroundings));
  const faults = [
    ...read.flatMap((file) => file.faults),
    ...sharedFaults(sources, surroundings),
    ...placed.flatMap((each) => each.faults),
  ];
  if (faults.length > 0) throw new StreamsError(faults);
  return placed.flatMap(({ definition }) => (definition ? [definition] : []));
}

type Surroundings = Omit<StreamSources, 'files'>;

function withPlaces({ definition, told }: Source, surroundings: Surroundings) {
  if (!definition) return { definition, faults: [] };
  const checked = checkDefinition(placedIn(surroundings, definition));
  return { definition: checked.definition, faults: checked.faults.map(told) };
}

/** With the full names of its topics, but for one of somebody else, and the keyspace of all tables not named. */
function placedIn({ topicPrefix, keyspace: own }: Surroundings, definition: StreamDefinition): StreamDefinition {
  const { derivedTopic, keyspace, ...rest } = definition;
  return {
    ...rest,
    ...(derivedTopic !== undefined && { derivedTopic: topicPrefix + derivedTopic }),
    ...(keyspace !== undefined && keyspace !== own && { keyspace }),
    topic: rest.managed === false ? rest.topic : topicPrefix + rest.topic,
  };
}

const DISTINCT = {
  name: ({ name }) => name,
  topic: ({ topic }) => topic,
  derivedTopic: ({ derivedTopic }) => derivedTopic,
  table: tableName,
} as const satisfies Record<string, (definition: StreamDefinition) => string | undefined>;

/** A topic is a topic, whether it is read or derived. */
const kindOf = (property: string): string =>
  property === 'derivedTopic' ? 'topic' : property === 'indexes' ? 'index' : property;

/** A keyspace has each name of an index once. */
const indexNamesOf = ({ managed, table, indexes }: StreamDefinition): string[] =>
  managed === false ? [] : (indexes ?? []).map((field) => indexNameOf(table, field));

/** Names, topics, tables and indexes that an earlier stream has already. */
function sharedFaults(sources: readonly Source[], surroundings: Surroundings): string[] {
  const owners = new Map<string, Source>();
  return sources.flatMap((source) => {
    const { parts } = source;
    const full = placedIn(surroundings, parts);
    const named = [
      ...Object.entries(DISTINCT).map(([property, valueOf]) => [property, valueOf(parts), valueOf(full)] as const),
      ...indexNamesOf(parts).map((name) => ['indexes', name, name] as const),
    ];
    return named.flatMap(([property, value, fullName]) => {
      if (value === undefined || value === '') return [];
      const key = `${kindOf(property)} ${fullName}`;
      const owner = owners.get(key);
      if (!owner) owners.set(key, source);
      if (!owner || owner === source) return [];
      const text = `"${value}" is the ${kindOf(property)} of stream ${owner.parts.name} (${owner.origin}) already; choose another`;
      return [source.told(faultAt([property], text))];
    });
  });
}
