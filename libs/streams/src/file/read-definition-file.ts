import { LineCounter, parseDocument, type Document } from 'yaml';
import { checkDefinition } from '../define/define-stream.js';
import { shownPath, type Fault, type Path } from '../define/fault.js';
import type { StreamDefinition } from '../definition.js';
import { lineOf } from './source-lines.js';

/** A file of `STREAMS_DIR`, read but not understood yet. */
export interface DefinitionFile {
  /** as an operator finds it: `streams/sensors.yaml` */
  readonly name: string;
  readonly text: string;
}

/** A file that was understood, or what is wrong with it. */
export interface ReadFile {
  readonly definition: StreamDefinition | undefined;
  readonly faults: readonly string[];
  /** what it says as far as it can be read; undefined where nothing can */
  readonly parts: StreamDefinition | undefined;
  /** A fault as `streams/sensors.yaml:14 fields.price.min: …` */
  readonly told: (fault: Fault) => string;
}

/** JSON is YAML, so one reader knows the lines of both. Throws nothing. */
export function readDefinitionFile({ name, text }: DefinitionFile): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const unreadable = document.errors.map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `${name}:${line || 1} column ${col || 1}: ${message}`;
  });
  if (unreadable.length > 0)
    return { definition: undefined, faults: unreadable, parts: undefined, told: ({ text }) => `${name}: ${text}` };
  return checkedFile(name, document, (path) => lineOf(document, lines, path));
}

function checkedFile(name: string, document: Document, lineAt: (path: Path) => number): ReadFile {
  const given = valueOf(document);
  const told = ({ path, text }: Fault): string => {
    const place = shownPath(path, given);
    return `${name}:${lineAt(path)} ${place === '' ? '' : `${place}: `}${text}`;
  };
  if (given instanceof Error) {
    return { definition: undefined, faults: [`${name}:1 ${given.message}`], parts: undefined, told };
  }
  const { definition, faults, parts } = checkDefinition(given);
  const inOrder = [...faults].sort((a, b) => lineAt(a.path) - lineAt(b.path));
  return { definition, faults: inOrder.map(told), parts, told };
}

/** Aliases that would multiply into more than memory holds are an error of the library's. */
function valueOf(document: Document): unknown {
  try {
    return withoutSchema(document.toJS());
  } catch (error) {
    return error;
  }
}

/** `$schema` is for editors of JSON; it is no part of a definition. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '$schema'));
}
