import type { RejectSource } from '@orderstream/cassandra';
import type { CompiledStream, HeaderMapping, ReadCells, ReadingOptions } from '@orderstream/streams';
import { unescapeCell } from './formula-safety.js';

/** Stands for a null or '' of a JSON record where these clear a column: an empty cell is a field that was not there. */
export const CLEARED = 'null';

/** Does a blank of the file clear its column, while an absent field leaves it alone, so that the two must be told apart? */
export const tellsNullFromAbsent = (source: RejectSource | undefined): boolean =>
  source !== undefined && source.format !== 'csv' && source.reading?.blank === 'clear';

export interface RepairedCells {
  /** rows that were refused at the door: as the upload read them */
  readonly ofDoor: ReadCells;
  /** rows that the sink refused: they were handed out in the standard forms */
  readonly ofSink: ReadCells;
}

/** The readers of rows that come back, under the header of their file. */
export function repairedCells(
  stream: CompiledStream,
  source: RejectSource | undefined,
  mapping: HeaderMapping,
): RepairedCells {
  const { reading = {}, unescape = false } = source ?? {};
  const standard = reading.blank === undefined ? {} : { blank: reading.blank };
  const readerOf = tellsNullFromAbsent(source) ? recordReader : cellReader;
  const asUploaded = readerOf(stream, reading, mapping);
  return {
    ofDoor: unescape ? (cells) => asUploaded(cells.map(unescapeCell)) : asUploaded,
    ofSink: readerOf(stream, standard, mapping),
  };
}

const cellReader = (stream: CompiledStream, reading: ReadingOptions, mapping: HeaderMapping): ReadCells =>
  stream.reading(reading).readCells(mapping);

/** Cells as the JSON record they stand for. */
function recordReader(stream: CompiledStream, reading: ReadingOptions, mapping: HeaderMapping): ReadCells {
  const reader = stream.reading(reading);
  const ofAnotherLength = reader.readCells(mapping);
  const fields = stream.columns.map(({ name }, c) => [name, mapping.indexByColumn[c]!] as const);
  const objects = mapping.objectCells.map(({ name, index }) => [name, index] as const);
  const given = [...fields.filter(([, index]) => index >= 0), ...objects];
  return (cells) => {
    if (cells.length !== mapping.width) return ofAnotherLength(cells);
    const set = given.filter(([, index]) => cells[index] !== '');
    return reader.readJson(Object.fromEntries(set.map(([name, index]) => [name, jsonOfCell(cells[index]!)])));
  };
}

const jsonOfCell = (cell: string): string | null => (cell === CLEARED ? null : cell);
