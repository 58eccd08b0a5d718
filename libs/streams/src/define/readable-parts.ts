import { isWithin, type Fault } from './fault.js';
import { isObject, type ObjectShape, type Shape } from './shape.js';

/**
 * What can be read of a misshapen definition, so that the rest of its faults can be told in the same breath: unknown
 * and misshapen optional parts are left out, a misshapen required one is empty.
 */
export function readableParts(value: unknown, shape: Shape): unknown {
  if ('is' in shape) return typeof value === shape.is ? value : EMPTY_SCALARS[shape.is];
  if ('listOf' in shape) return Array.isArray(value) ? value.map((item) => readableParts(item, shape.listOf)) : [];
  const given = isObject(value) ? value : {};
  if ('mapOf' in shape) {
    return Object.fromEntries(Object.entries(given).map(([name, item]) => [name, readableParts(item, shape.mapOf)]));
  }
  return 'required' in shape ? readableObject(given, shape) : readableUnion(given, shape.kinds);
}

const EMPTY_SCALARS = { string: '', number: 0, boolean: false } as const;

function readableObject(given: Record<string, unknown>, { required, optional = {} }: ObjectShape): object {
  const kept = Object.entries(optional).filter(([name]) => Object.hasOwn(given, name));
  return Object.fromEntries(
    [...Object.entries(required), ...kept].map(([name, shape]) => [name, readableParts(given[name], shape)]),
  );
}

function readableUnion(given: Record<string, unknown>, kinds: Readonly<Record<string, ObjectShape>>): object {
  const kind = given['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return { kind: '' };
  return { kind, ...readableObject(given, kinds[kind]!) };
}

/**
 * Of the faults that the rules find in the readable parts, those that do not come from what could not be read: none at
 * or around a misshapen place, and none that speaks of a field whose definition is misshapen.
 */
export function ownFaults(found: readonly Fault[], misshapen: readonly Fault[], parts: unknown): Fault[] {
  const broken = misshapen.map(({ path }) => path);
  const names = broken.flatMap((path) => {
    const [list, index] = path;
    if ((list !== 'fields' && list !== 'derived') || typeof index !== 'number') return [];
    const name = (parts as Record<string, readonly { name: string }[]>)[list]?.[index]?.name;
    return name ? [`"${name}"`] : [];
  });
  return found.filter(
    ({ path, text }) =>
      !broken.some((place) => isWithin(path, place) || isWithin(place, path)) &&
      !names.some((name) => text.includes(name)),
  );
}

/** Is so little known of the fields that nothing can be said about what names them? */
export const hidesFields = (misshapen: readonly Fault[]): boolean =>
  misshapen.some(
    ({ path }) =>
      path.length === 0 ||
      ((path[0] === 'fields' || path[0] === 'derived') &&
        (path.length <= 2 || (path.length === 3 && path[2] === 'name'))),
  );
