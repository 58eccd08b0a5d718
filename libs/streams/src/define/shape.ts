/** What plain data must look like. Only what JSON can say: no functions, no class instances, no unknown properties. */
export type Shape =
  | { readonly is: 'string' | 'number' | 'boolean' }
  | { readonly listOf: Shape; readonly length?: number }
  | { readonly mapOf: Shape }
  | ObjectShape
  /** a union told apart by its `kind` */
  | { readonly kinds: Readonly<Record<string, ObjectShape>> };

export interface ObjectShape {
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional?: Readonly<Record<string, Shape>>;
}

/** All places where `value` has not that shape, as sentences that begin with the path. */
export function shapeFaults(value: unknown, shape: Shape, path: string): string[] {
  if ('is' in shape) return isScalar(value, shape.is) ? [] : [`${path} must be a ${shape.is}`];
  if ('listOf' in shape) return listFaults(value, shape, path);
  if (!isObject(value)) return [`${path} must be an object`];
  if ('mapOf' in shape) {
    return Object.entries(value).flatMap(([name, item]) => shapeFaults(item, shape.mapOf, `${path}[${name}]`));
  }
  if ('required' in shape) return objectFaults(value, shape, path);
  return unionFaults(value, shape.kinds, path);
}

function isScalar(value: unknown, type: 'string' | 'number' | 'boolean'): boolean {
  return type === 'number' ? Number.isFinite(value) : typeof value === type;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listFaults(value: unknown, shape: { listOf: Shape; length?: number }, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} must be a list`];
  if (shape.length !== undefined && value.length !== shape.length) return [`${path} must have ${shape.length} items`];
  return value.flatMap((item: unknown, index) => shapeFaults(item, shape.listOf, `${path}[${index}]`));
}

function objectFaults(value: Record<string, unknown>, shape: ObjectShape, path: string): string[] {
  const { required, optional = {} } = shape;
  const prefix = path === '' ? '' : `${path}.`;
  // A property that is there and undefined is as good as absent: JSON drops it.
  const given = Object.keys(value).filter((name) => value[name] !== undefined);
  return [
    ...Object.keys(required)
      .filter((name) => !given.includes(name))
      .map((name) => `${prefix}${name} is missing`),
    ...given.flatMap((name) => {
      const own = Object.hasOwn(required, name)
        ? required[name]
        : Object.hasOwn(optional, name)
          ? optional[name]
          : undefined;
      return own ? shapeFaults(value[name], own, prefix + name) : [`${prefix}${name} is not a known property`];
    }),
  ];
}

function unionFaults(
  value: Record<string, unknown>,
  kinds: Readonly<Record<string, ObjectShape>>,
  path: string,
): string[] {
  const kind = value['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    return [`${path}.kind must be one of ${Object.keys(kinds).join(', ')}`];
  }
  const shape = kinds[kind]!;
  return objectFaults(value, { ...shape, required: { kind: STRING, ...shape.required } }, path);
}

export const STRING: Shape = { is: 'string' };
export const NUMBER: Shape = { is: 'number' };
export const BOOLEAN: Shape = { is: 'boolean' };
export const STRINGS: Shape = { listOf: STRING };
