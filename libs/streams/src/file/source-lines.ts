import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import type { Path } from '../define/fault.js';

/**
 * The line of a place in a file, from 1. Where the place itself is not there, as a property that is missing, the line of
 * the innermost part that holds it.
 */
export function lineOf(document: Document, lines: LineCounter, path: Path): number {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const entry = entryOf(node, step);
    if (entry === undefined) break;
    offset = entry.offset ?? offset;
    node = entry.value;
  }
  return lines.linePos(offset).line || 1;
}

/** A property begins at its name, an item at its value. */
function entryOf(node: Node | null | undefined, step: string | number) {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { offset: startOf(pair.key as Node), value: pair.value as Node | null };
  }
  if (!isSeq(node) || typeof step !== 'number') return undefined;
  const item = node.items[step] as Node | null | undefined;
  return item === undefined ? undefined : { offset: startOf(item), value: item };
}

const startOf = (node: Node | null | undefined): number | undefined => node?.range?.[0];
