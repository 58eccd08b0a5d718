/** A place in a definition: names of properties and indexes of lists. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a definition, in words that go on from its place. */
export interface Fault {
  readonly path: Path;
  readonly text: string;
}

export const faultAt = (path: Path, text: string): Fault => ({ path, text });

/** Does `path` lie at or below `above`? */
export const isWithin = (path: Path, above: Path): boolean =>
  above.length <= path.length && above.every((step, depth) => path[depth] === step);

/**
 * The place as people write it: `fields.price.min`. An item of a list is called by its name where it has one, for nobody
 * counts the fields of a file.
 */
export function shownPath(path: Path, definition: unknown): string {
  let value = definition;
  let shown = '';
  for (const step of path) {
    value = propertyOf(value, step);
    const name = typeof step === 'number' ? propertyOf(value, 'name') : step;
    if (typeof name === 'string' && name !== '') shown += shown === '' ? name : `.${name}`;
    else shown += `[${step}]`;
  }
  return shown;
}

/** A fault as one line; what is wrong as a whole has no place. */
export function shownFault({ path, text }: Fault, definition: unknown): string {
  return path.length === 0 ? text : `${shownPath(path, definition)}: ${text}`;
}

const propertyOf = (value: unknown, name: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string | number, unknown>)[name]
    : undefined;
