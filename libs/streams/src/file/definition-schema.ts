import { DEFINITION_SHAPE, DERIVATIONS, FAKES } from '../define/definition-shape.js';
import type { ObjectShape, Shape } from '../define/shape.js';
import { ABOUT } from './definition-about.js';

type Schema = Record<string, unknown>;
type Kinds = Readonly<Record<string, ObjectShape>>;

/** What `defineStream` fills in. */
const DEFAULTED: readonly string[] = ['topic', 'table', 'partitions', 'indexes', 'derived'];
const NAMED = new Map<Kinds, string>([
  [FAKES, 'fake'],
  [DERIVATIONS, 'derivation'],
]);

/**
 * The JSON Schema (draft 7) of a definition file, for editors and for checks before a start. It says what the shape says;
 * what the rules say beyond it, as that a key must name a field, only a start does.
 */
export function definitionSchema(): Schema {
  const { required, ...rest } = schemaOf(DEFINITION_SHAPE, '');
  const { properties, ...others } = rest as { properties: object };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A stream of orderstream',
    ...others,
    required: (required as string[]).filter((name) => !DEFAULTED.includes(name)),
    properties: { $schema: { type: 'string' }, ...properties },
    definitions: { fake: unionSchema(FAKES), derivation: unionSchema(DERIVATIONS) },
  };
}

function schemaOf(shape: Shape, path: string): Schema {
  const description = ABOUT[path];
  return { ...(description !== undefined && { description }), ...bareSchemaOf(shape, path) };
}

function bareSchemaOf(shape: Shape, path: string): Schema {
  if ('is' in shape) return { type: shape.is, ...(shape.of && { enum: shape.of }) };
  if ('listOf' in shape) {
    const { length } = shape;
    const bounds = length === undefined ? {} : { minItems: length, maxItems: length };
    return { type: 'array', ...bounds, items: bareSchemaOf(shape.listOf, path) };
  }
  if ('mapOf' in shape) return { type: 'object', additionalProperties: bareSchemaOf(shape.mapOf, path) };
  if ('required' in shape) return objectSchema(shape, path);
  // In draft 7 nothing beside a reference counts, so it stands in a list of one.
  const name = NAMED.get(shape.kinds);
  return name === undefined ? unionSchema(shape.kinds) : { allOf: [{ $ref: `#/definitions/${name}` }] };
}

function objectSchema({ required, optional = {} }: ObjectShape, path: string): Schema {
  const properties = Object.entries({ ...required, ...optional }).map(([name, shape]) => [
    name,
    schemaOf(shape, path === '' ? name : `${path}.${name}`),
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
    properties: Object.fromEntries(properties) as Schema,
  };
}

const unionSchema = (kinds: Kinds): Schema => ({
  oneOf: Object.entries(kinds).map(([kind, shape]) => {
    const {
      required = [],
      properties,
      ...others
    } = objectSchema(shape, kind) as { required?: string[]; properties: object };
    return { ...others, required: ['kind', ...required], properties: { kind: { const: kind }, ...properties } };
  }),
});
