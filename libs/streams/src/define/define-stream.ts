import type { StreamDefinition, StreamInput } from '../definition.js';
import { DEFINITION_SHAPE } from './definition-shape.js';
import { fakeFaults } from './fake-faults.js';
import { shownFault, type Fault } from './fault.js';
import { fieldFaults } from './field-faults.js';
import { keyFaults } from './key-faults.js';
import { managedFaults } from './managed-faults.js';
import { nameFaults } from './name-faults.js';
import { hidesFields, ownFaults, readableParts } from './readable-parts.js';
import { isObject, shapeFaults } from './shape.js';
import { statsFaults } from './stats-faults.js';
import { writeFaults } from './write-faults.js';

/** A definition that cannot be used, with all its faults, each a sentence that begins with the place. */
export class StreamDefinitionError extends Error {
  constructor(
    streamName: string,
    readonly faults: readonly string[],
  ) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(
      `The definition of stream ${streamName} has ${count}; correct them and start again:\n- ${faults.join('\n- ')}`,
    );
    this.name = 'StreamDefinitionError';
  }
}

/** A definition, or everything that is wrong with it. */
export interface CheckedDefinition {
  /** undefined where there is a fault */
  readonly definition: StreamDefinition | undefined;
  readonly faults: readonly Fault[];
  /** what it says as far as it can be read; what cannot is empty */
  readonly parts: StreamDefinition;
}

/**
 * Makes the definition of a stream: fills in the defaults (topic = name, table = name with underscores, 3 partitions, no
 * indexes, nothing derived) and checks it. The result is a deeply frozen copy of plain data.
 * Throws `StreamDefinitionError` with everything that is wrong.
 */
export function defineStream(input: StreamInput): StreamDefinition {
  const { definition, faults } = checkDefinition(input);
  if (definition) return definition;
  throw new StreamDefinitionError(
    shownName(input),
    faults.map((fault) => shownFault(fault, input)),
  );
}

/** As `defineStream`, of anything at all, with its faults as values. */
export function checkDefinition(input: unknown): CheckedDefinition {
  const filled = withDefaults(input);
  const misshapen = shapeFaults(filled, DEFINITION_SHAPE);
  const parts = misshapen.length > 0 ? readableParts(filled, DEFINITION_SHAPE) : filled;
  // Only plain data passed, so the copy is complete; it also drops properties that are there but undefined.
  const definition = deepFrozen(JSON.parse(JSON.stringify(parts)) as StreamDefinition);
  const broken = hidesFields(misshapen) ? [] : CHECKS.flatMap((check) => check(definition));
  const faults = withoutEchoes([...misshapen, ...ownFaults(broken, misshapen, definition)], input);
  return { definition: faults.length > 0 ? undefined : definition, faults, parts: definition };
}

/** A topic or table that only bears the name of the stream is not wrong beside it. */
function withoutEchoes(faults: readonly Fault[], input: unknown): readonly Fault[] {
  if (!isObject(input) || !faults.some(({ path }) => path[0] === 'name')) return faults;
  return faults.filter(({ path: [part] }) => (part !== 'topic' && part !== 'table') || input[part] !== undefined);
}

const CHECKS = [nameFaults, fieldFaults, keyFaults, fakeFaults, statsFaults, writeFaults, managedFaults];

function withDefaults(given: unknown): unknown {
  if (!isObject(given)) return given;
  const input = given as Partial<StreamInput>;
  const name = typeof input.name === 'string' ? input.name : '';
  return {
    ...input,
    topic: input.topic ?? name,
    table: input.table ?? name.replaceAll('-', '_'),
    partitions: input.partitions ?? 3,
    indexes: input.indexes ?? [],
    derived: input.derived ?? [],
  };
}

const shownName = (input: StreamInput | null | undefined): string => JSON.stringify(input?.name ?? null);

function deepFrozen<T extends object>(value: T): T {
  for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) deepFrozen(item as object);
  return Object.freeze(value);
}
