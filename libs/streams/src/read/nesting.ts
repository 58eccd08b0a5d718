import type { RowFault } from '@orderstream/contracts';
import type { ObjectCell } from '../stream.js';
import { parseJsonText } from '../values/json-text.js';
import { notAnObjectIn } from './row-fault.js';

/** An object inside the records of a stream. */
export interface InnerObject {
  /** `shipping_info`, or `shipping_info.parcel` for one inside it */
  readonly name: string;
  readonly path: readonly string[];
  /** index of the object it lies in; -1: the record itself */
  readonly parent: number;
  readonly key: string;
}

/** Where a column lies in a nested record. */
export interface InnerPlace {
  /** index of its object */
  readonly object: number;
  readonly key: string;
  /** `shipping_info.address` */
  readonly dotted: string;
}

/** The nested shape of a stream's records, compiled once. */
export interface Nesting {
  /** outer ones before those inside them */
  readonly objects: readonly InnerObject[];
  /** by column; undefined for those that are not nested */
  readonly places: readonly (InnerPlace | undefined)[];
}

/** Stands for what lies in something that should be an object and is none; the fault has been told. */
export const BROKEN = Symbol('broken');

type JsonObject = Readonly<Record<string, unknown>>;
/** An object as a record has it: null where it is blank, undefined where it is absent. */
export type Found = JsonObject | typeof BROKEN | null | undefined;

export const dottedName = (path: readonly string[]): string => path.join('.');

/** Undefined for a stream whose records are flat: nothing of this costs them anything. */
export function nestingOf(columns: readonly { readonly path?: readonly string[] | undefined }[]): Nesting | undefined {
  const nested = columns.flatMap(({ path }) => (path ? [path] : []));
  if (nested.length === 0) return undefined;
  const pathByName = new Map<string, readonly string[]>();
  for (const path of nested) {
    for (let depth = 1; depth < path.length; depth++) {
      const outer = path.slice(0, depth);
      pathByName.set(dottedName(outer), outer);
    }
  }
  const names = [...pathByName.keys()];
  const indexOf = (path: readonly string[]): number => names.indexOf(dottedName(path.slice(0, -1)));
  return {
    objects: [...pathByName].map(([name, path]) => ({ name, path, parent: indexOf(path), key: path.at(-1)! })),
    places: columns.map(({ path }) => path && { object: indexOf(path), key: path.at(-1)!, dotted: dottedName(path) }),
  };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Only own properties count. */
export function ownOf(object: Found, key: string): unknown {
  if (object === undefined || object === null || object === BROKEN) return object;
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The objects inside a parsed record; what is none is a fault. */
export function objectsOfJson({ objects }: Nesting, record: JsonObject, faults: RowFault[]): Found[] {
  const found: Found[] = [];
  for (const { name, parent, key } of objects) {
    found.push(asObject(ownOf(parent < 0 ? record : found[parent], key), name, faults));
  }
  return found;
}

/** The objects that cells of a row hold; `nulls` are texts that mean a blank. */
export function objectsOfCells(
  { objects }: Nesting,
  { cells, objectCells, nulls }: InnerCells,
  faults: RowFault[],
): Found[] {
  const found: Found[] = [];
  for (const { name, parent, key } of objects) {
    const own = objectCells.find((cell) => cell.name === name);
    const text = own && cells[own.index]!;
    const given = text === undefined ? ownOf(parent < 0 ? undefined : found[parent], key) : text;
    found.push(typeof given === 'string' && nulls?.has(given.trim()) ? null : asObject(given, name, faults));
  }
  return found;
}

export interface InnerCells {
  readonly cells: readonly string[];
  readonly objectCells: readonly ObjectCell[];
  readonly nulls: ReadonlySet<string> | undefined;
}

/** A text is JSON of an object: this is what a cell is, and what some producers put into their JSON. */
function asObject(given: unknown, name: string, faults: RowFault[]): Found {
  if (given === undefined || given === null || given === BROKEN) return given;
  if (isObject(given)) return given;
  if (typeof given === 'string') {
    if (given.trim() === '') return null;
    const parsed = parseJsonText(given);
    if (parsed === null || isObject(parsed)) return parsed;
  }
  faults.push(notAnObjectIn(name, given));
  return BROKEN;
}
