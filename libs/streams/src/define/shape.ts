import { faultAt, type Fault, type Path } from './fault.js';

/** What plain data must look like. Only what JSON can say: no functions, no class instances, no unknown properties. */
export type Shape =
  /** `of`: for editors; that it is one of these is checked with the rules, which say more */
  | { readonly is: 'string' | 'number' | 'boolean'; readonly of?: readonly string[] }
  | { readonly listOf: Shape; readonly length?: number }
  | { readonly mapOf: Shape }
  | ObjectShape
  /** a union told apart by its `kind` */
  | { readonly kinds: Readonly<Record<string, ObjectShape>> };

export interface ObjectShape {
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional?: Readonly<Record<string, Shape>>;
}

/** All places where `value` has not that shape. */
export function shapeFaults(value: unknown, shape: Shape, path: Path = []): Fault[] {
  if ('is' in shape) return isScalar(value, shape.is) ? [] : [faultAt(path, scalarFault(value, shape.is))];
  if ('listOf' in shape) return listFaults(value, shape, path);
  if (!isObject(value))
    return [faultAt(path, path.length === 0 ? 'a definition must be an object' : 'must be an object')];
  if ('mapOf' in shape) {
    return Object.entries(value).flatMap(([name, item]) => shapeFaults(item, shape.mapOf, [...path, name]));
  }
  if ('required' in shape) return objectFaults(value, shape, path);
  return unionFaults(value, shape.kinds, path);
}

function isScalar(value: unknown, type: 'string' | 'number' | 'boolean'): boolean {
  return type === 'number' ? Number.isFinite(value) : typeof value === type;
}

/** In a file, what looks like a number is one until it stands in quotes. */
function scalarFault(value: unknown, type: string): string {
  if (type !== 'string' || (typeof value !== 'number' && typeof value !== 'boolean')) return `must be a ${type}`;
  // Of other numbers it is not known how they were written.
  const shown = typeof value === 'boolean' || Number.isSafeInteger(value) ? `: "${value}"` : '';
  return `must be a ${type}; write it in quotes${shown}`;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listFaults(value: unknown, shape: { listOf: Shape; length?: number }, path: Path): Fault[] {
  if (!Array.isArray(value)) return [faultAt(path, 'must be a list')];
  if (shape.length !== undefined && value.length !== shape.length)
    return [faultAt(path, `must have ${shape.length} items`)];
  return value.flatMap((item: unknown, index) => shapeFaults(item, shape.listOf, [...path, index]));
}

function objectFaults(value: Record<string, unknown>, { required, optional = {} }: ObjectShape, path: Path): Fault[] {
  // A property that is there and undefined is as good as absent: JSON drops it.
  const given = Object.keys(value).filter((name) => value[name] !== undefined);
  return [
    ...Object.keys(required)
      .filter((name) => !given.includes(name))
      .map((name) => faultAt([...path, name], 'is missing')),
    ...given.flatMap((name) => {
      const own = Object.hasOwn(required, name)
        ? required[name]
        : Object.hasOwn(optional, name)
          ? optional[name]
          : undefined;
      if (own) return shapeFaults(value[name], own, [...path, name]);
      const known = [...Object.keys(required), ...Object.keys(optional)].join(', ');
      return [faultAt([...path, name], `is not a known property${known === '' ? '' : ` (known here: ${known})`}`)];
    }),
  ];
}

function unionFaults(
  value: Record<string, unknown>,
  kinds: Readonly<Record<string, ObjectShape>>,
  path: Path,
): Fault[] {
  const kind = value['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    return [faultAt([...path, 'kind'], `must be one of ${Object.keys(kinds).join(', ')}`)];
  }
  const shape = kinds[kind]!;
  return objectFaults(value, { ...shape, required: { kind: STRING, ...shape.required } }, path);
}

export const STRING: Shape = { is: 'string' };
export const NUMBER: Shape = { is: 'number' };
export const BOOLEAN: Shape = { is: 'boolean' };
export const STRINGS: Shape = { listOf: STRING };
