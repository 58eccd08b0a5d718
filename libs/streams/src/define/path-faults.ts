import type { StreamDefinition } from '../definition.js';
import { normaliseName } from '../read/header.js';
import { dottedName, nestingOf } from '../read/nesting.js';
import { faultAt, type Fault } from './fault.js';

const SEGMENT = /^[A-Za-z][A-Za-z0-9_]*$/;
const MAX_DEPTH = 8;

/** Faults of where fields lie in nested records. A path may not name what is a value elsewhere. */
export function pathFaults({ fields, derived }: StreamDefinition): Fault[] {
  const faults = fields.flatMap(({ path }, i) =>
    path === undefined || isPath(path)
      ? []
      : [faultAt(['fields', i, 'path'], `must have 2 to ${MAX_DEPTH} names of letters, digits and underscores`)],
  );
  if (faults.length > 0) return faults;
  const ownerByName = new Map<string, string>();
  for (const { name } of [...fields, ...derived]) ownerByName.set(normaliseName(name), name);
  for (const { name, csv = [], json = [] } of fields)
    for (const alias of [...csv, ...json]) ownerByName.set(normaliseName(alias), name);
  fields.forEach(({ name, path }, i) => {
    if (!path) return;
    const dotted = normaliseName(dottedName(path));
    const owner = ownerByName.get(dotted) ?? name;
    if (owner !== name)
      faults.push(faultAt(['fields', i, 'path'], `${dottedName(path)} already means field "${owner}"`));
    ownerByName.set(dotted, name);
  });
  for (const { name } of nestingOf(fields)?.objects ?? []) {
    const owner = ownerByName.get(normaliseName(name));
    if (owner === undefined) continue;
    const i = fields.findIndex((field) => field.name === owner);
    faults.push(faultAt(i < 0 ? ['derived'] : ['fields', i], `${name} is an object with fields, and no value`));
  }
  return faults;
}

const isPath = (path: readonly string[]): boolean =>
  path.length >= 2 && path.length <= MAX_DEPTH && path.every((segment) => SEGMENT.test(segment));
