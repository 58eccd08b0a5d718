import { parseCqlType, type CqlType } from '../cql/cql-type.js';
import type { StreamDefinition } from '../definition.js';
import { isObject, nestingOf, ownOf } from './nesting.js';

/** A place in records where objects lie, and what is known of their fields. */
interface Inside {
  readonly name: string;
  readonly known: ReadonlySet<string>;
  /** the objects of a record at that place */
  readonly at: (record: object) => readonly unknown[];
}

/** Names the fields of a JSON object that a stream does not know; see `CompiledStream.surplusOf`. */
export function surplusFinder(definition: StreamDefinition): (value: object) => string[] {
  const { fields, derived } = definition;
  const nesting = nestingOf(fields);
  const known = new Set([
    ...[...fields, ...derived].map(({ name }) => name),
    ...fields.flatMap(({ json = [] }) => json),
    ...(nesting?.places ?? []).flatMap((place) => (place ? [place.dotted] : [])),
    ...(nesting?.objects ?? []).filter(({ parent }) => parent < 0).map(({ key }) => key),
  ]);
  const insides = [...objectsIn(definition), ...listsIn(definition), ...userObjectsIn(definition)];
  const unknownOf = (value: object): string[] => Object.keys(value).filter((name) => !known.has(name));
  if (insides.length === 0) return unknownOf;
  return (value) => {
    const names = new Set(unknownOf(value));
    for (const { name, known: inner, at } of insides) {
      for (const object of at(value)) {
        if (!isObject(object)) continue;
        for (const field of Object.keys(object)) if (!inner.has(field)) names.add(`${name}.${field}`);
      }
    }
    return [...names];
  };
}

function objectsIn({ fields }: StreamDefinition): Inside[] {
  const nesting = nestingOf(fields);
  if (!nesting) return [];
  return nesting.objects.map(({ name, path }, object) => ({
    name,
    known: new Set([
      ...nesting.places.flatMap((place) => (place?.object === object ? [place.key] : [])),
      ...nesting.objects.filter(({ parent }) => parent === object).map(({ key }) => key),
    ]),
    at: (record) => [path.reduce<unknown>(insideOf, record)],
  }));
}

const listsIn = ({ fields }: StreamDefinition): Inside[] =>
  fields.flatMap(({ name, items }) => {
    if (!items) return [];
    const known = new Set(items.map((item) => item.name));
    return [{ name: `${name}[]`, known, at: (record) => listOf(insideOf(record, name)) }];
  });

/** Values of user-defined types. */
const userObjectsIn = ({ fields, types }: StreamDefinition): Inside[] =>
  fields.flatMap(({ name, json = [], cql }) => {
    if (cql === undefined) return [];
    return insidesOf(parseCqlType(cql, types), name, (record) => [name, ...json].map((key) => insideOf(record, key)));
  });

/** `at`: where values of the type lie in a record. */
function insidesOf(type: CqlType, name: string, at: Inside['at']): Inside[] {
  switch (type.kind) {
    case 'scalar':
      return [];
    case 'map':
      return insidesOf(type.of, `${name}{}`, (record) => at(record).flatMap(valuesOf));
    case 'udt':
      return [
        { name, known: new Set(type.fields.map((field) => field.name)), at },
        ...type.fields.flatMap((field) =>
          insidesOf(field.type, `${name}.${field.name}`, (record) =>
            at(record).map((value) => insideOf(value, field.name)),
          ),
        ),
      ];
    default:
      return insidesOf(type.of, `${name}[]`, (record) => at(record).flatMap(listOf));
  }
}

const insideOf = (value: unknown, key: string): unknown => (isObject(value) ? ownOf(value, key) : undefined);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const valuesOf = (value: unknown): readonly unknown[] => (isObject(value) ? Object.values(value) : []);
