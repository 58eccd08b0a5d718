import type { Buffer } from 'node:buffer';

/** What the id in front of a value stands for. */
export type KnownSchema =
  /** `read` takes the whole value, id included, and gives a JSON-like one. Throws for bytes that are not of the schema. */
  | { readonly kind: 'avro'; readonly read: (value: Buffer) => unknown }
  /** a JSON Schema: the bytes behind the id are JSON */
  | { readonly kind: 'json' }
  /** `type` in the words of the registry */
  | { readonly kind: 'unsupported'; readonly type: string }
  /** `reason` is a sentence for the letter of the record */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Answers at once, for the ids of the records at hand, which were looked up before. */
export interface SchemaLookup {
  schemaOf(id: number): KnownSchema;
}

/** Without a registry no id means anything. */
export const NO_SCHEMAS: SchemaLookup = {
  schemaOf: (id) => ({
    kind: 'unknown',
    reason: `Avro schema id ${id} cannot be looked up: no schema registry is configured`,
  }),
};
