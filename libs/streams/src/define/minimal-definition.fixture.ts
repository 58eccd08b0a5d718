import type { StreamInput } from '../definition.js';
import { defineStream, StreamDefinitionError } from './define-stream.js';

export const MINIMAL: StreamInput = {
  name: 'card-payments',
  description: 'Payments by card.',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true },
    { name: 'count', type: 'int' },
    { name: 'paid_at', type: 'timestamp' },
  ],
};

/** The faults of a definition that differs from the minimal one in these properties. */
export function faultsOf(changes: object): readonly string[] {
  try {
    defineStream({ ...MINIMAL, ...changes });
  } catch (error) {
    if (error instanceof StreamDefinitionError) return error.faults;
    throw error;
  }
  return [];
}

export const withField = (field: object) => ({ fields: [...MINIMAL.fields, field] });
