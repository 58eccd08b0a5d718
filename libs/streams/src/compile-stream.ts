import type { RowFault } from '@orderstream/contracts';
import type { StreamDefinition } from './definition.js';
import { deriver } from './derive.js';
import { jsonEncoder } from './encode-json.js';
import type { ColumnReader } from './read/column-reader.js';
import { columnReaders } from './read/column-readers.js';
import { headerMapper } from './read/header.js';
import { cellReader } from './read/read-cells.js';
import { jsonReader } from './read/read-json.js';
import { readText } from './read/read-value.js';
import { rowFaultsOf } from './read/row-fault.js';
import { surplusFinder } from './read/surplus.js';
import type { Column, CompiledStream, Row, RowFaults, StreamReading } from './stream.js';
import { textOfValue } from './values/present-value.js';

/**
 * Compiles everything that reads and writes rows of a stream, once. The definition is one of `defineStream`, or a JSON
 * copy of one. Throws only for a definition that `defineStream` would refuse.
 */
export function compileStream(definition: StreamDefinition): CompiledStream {
  const columns = columnsOf(definition);
  const readers = columnReaders(definition);
  const fieldCount = definition.fields.length;
  const derive = deriver(definition);
  const readingBy = (columnsRead: readonly ColumnReader[]): StreamReading => ({
    readCells: (mapping) => cellReader(columnsRead, fieldCount, mapping, derive),
    readJson: jsonReader(columnsRead, fieldCount, derive),
  });
  return {
    definition,
    name: definition.name,
    topic: definition.topic,
    columns,
    takesTombstones: takesTombstones(definition),
    mapHeader: headerMapper(definition),
    ...readingBy(readers),
    reading: (options) => readingBy(columnReaders(definition, options)),
    readJsonClearing: jsonReader(columnReaders(definition, { blank: 'clear' }), fieldCount, derive),
    surplusOf: surplusFinder(definition),
    derive,
    toJson: jsonEncoder(columns),
    writeTimeOf: writeTimeReader(definition),
    keyOf: keyWriter(definition, columns),
  };
}

const columnsOf = ({ fields, derived }: StreamDefinition): readonly Column[] => [
  ...fields.map(({ name, type, required }) => ({ name, type, required: required === true, derived: false })),
  ...derived.map(({ name, type }) => ({ name, type, required: false, derived: true })),
];

function writeTimeReader({ writeTimeFrom, fields }: StreamDefinition): CompiledStream['writeTimeOf'] {
  if (writeTimeFrom === undefined) return undefined;
  const column = fields.findIndex(({ name }) => name === writeTimeFrom);
  return (row) => (row[column] as number) * 1000;
}

/** With one field only: a joined key cannot be taken apart again where a text holds the separator. */
function takesTombstones({ key, primaryKey, writeTimeFrom }: StreamDefinition): boolean {
  // A deletion has no value with a time, and at the time of its record it would outlive what is written later.
  if (writeTimeFrom !== undefined) return false;
  const { partition, clustering } = primaryKey;
  return key.fields.length === 1 && partition.length === 1 && clustering.length === 0 && partition[0] === key.fields[0];
}

function keyWriter({ key }: StreamDefinition, columns: readonly Column[]): (row: Row) => string {
  const parts = key.fields.map((name) => columns.findIndex((column) => column.name === name));
  return (row) => {
    let text = '';
    for (let p = 0; p < parts.length; p++) {
      const value = row[parts[p]!];
      if (p > 0) text += key.separator;
      text += typeof value === 'string' ? value : textOfValue(columns[parts[p]!]!.type, value);
    }
    return text;
  };
}

/**
 * The row that a tombstone's message key names, with only the primary key set. For streams that take tombstones; on
 * others it throws. A key that the field cannot hold answers with faults.
 */
export function readKey(stream: CompiledStream, key: string): Row | RowFaults {
  if (!stream.takesTombstones) throw new Error(`The message key of stream ${stream.name} is not its primary key.`);
  const [keyField] = stream.definition.key.fields;
  const column = stream.columns.findIndex(({ name }) => name === keyField);
  const faults: RowFault[] = [];
  const row: Row = stream.columns.map(() => undefined);
  row[column] = readText(columnReaders(stream.definition)[column]!, key, faults);
  return rowFaultsOf(faults) ?? row;
}
