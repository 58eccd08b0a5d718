import type { StreamDefinition, StreamInput } from '../definition.js';
import { DEFINITION_SHAPE } from './definition-shape.js';
import { fakeFaults } from './fake-faults.js';
import { fieldFaults } from './field-faults.js';
import { keyFaults } from './key-faults.js';
import { nameFaults } from './name-faults.js';
import { shapeFaults } from './shape.js';
import { statsFaults } from './stats-faults.js';

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

/**
 * Makes the definition of a stream: fills in the defaults (topic = name, table = name with underscores, 3 partitions, no
 * indexes, nothing derived) and checks it. The result is a deeply frozen copy of plain data.
 * Throws `StreamDefinitionError` with everything that is wrong.
 */
export function defineStream(input: StreamInput): StreamDefinition {
  const filled = withDefaults(input);
  const misshapen = shapeFaults(filled, DEFINITION_SHAPE, '');
  if (misshapen.length > 0) throw new StreamDefinitionError(shownName(input), misshapen);
  // Only plain data passed, so the copy is complete; it also drops properties that are there but undefined.
  const definition = JSON.parse(JSON.stringify(filled)) as StreamDefinition;
  const faults = [nameFaults, fieldFaults, keyFaults, fakeFaults, statsFaults].flatMap((check) => check(definition));
  if (faults.length > 0) throw new StreamDefinitionError(shownName(input), faults);
  return deepFrozen(definition);
}

function withDefaults(input: StreamInput): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const name = String(input.name);
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
