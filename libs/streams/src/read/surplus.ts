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
  const insides = [...objectsIn(definition), ...listsIn(definition)];
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

const insideOf = (value: unknown, key: string): unknown => (isObject(value) ? ownOf(value, key) : undefined);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
