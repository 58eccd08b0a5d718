import { Document, isCollection, visit } from 'yaml';
import type { StreamDefinition } from '../definition.js';

const LINE_WIDTH = 120;
/** What is read first; the rest follows as it stands. */
const FIRST: readonly string[] = ['name', 'description', 'topic', 'derivedTopic', 'table', 'partitions'];

/** A definition as the text of a file of STREAMS_DIR: reading it gives the same definition. */
export function definitionText(definition: StreamDefinition): string {
  const given = Object.entries(definition);
  const first = FIRST.flatMap((name) => given.filter(([own]) => own === name));
  const document = new Document(Object.fromEntries([...first, ...given]));
  // Small things in one line: a fake, a list of names.
  visit(document, {
    Collection: (_key, node) => {
      if (isCollection(node)) node.flow = node.items.length === 0 || isPlain(node.toJSON());
    },
  });
  return document.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true });
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((item) => typeof item !== 'object' || item === null || isShortList(item));

const isShortList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((item) => typeof item !== 'object') &&
  JSON.stringify(value).length < LINE_WIDTH / 2;
