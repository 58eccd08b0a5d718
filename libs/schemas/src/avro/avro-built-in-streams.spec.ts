import {
  avroEncoder,
  avroSchemaOf,
  builtInStreams,
  compileStream,
  createGenerator,
  RowFaults,
  type Row,
  type StreamDefinition,
} from '@orderstream/streams';
import { avroReader } from './avro-reader.js';

const ROWS = 200;

/** Rows as they are published: generated, with their derived fields. */
function rowsOf(definition: StreamDefinition): { row: Row; back: unknown }[] {
  const stream = compileStream(definition);
  const generator = createGenerator(stream, { seed: 1, startTimeMs: Date.UTC(2026, 0, 1), ratePerSecond: 50 });
  const encode = avroEncoder(definition, 1);
  const read = avroReader(JSON.stringify(avroSchemaOf(definition)));
  return Array.from({ length: ROWS }, (_, index) => {
    const row = generator.row(index);
    if (stream.derive(row)) throw new Error('a generated row is sound');
    const again = stream.readJson(read(encode(row) as Buffer));
    if (!(again instanceof RowFaults)) stream.derive(again);
    return { row, back: again };
  });
}

describe('records of every built-in stream', () => {
  it.each(builtInStreams().map((definition) => [definition.name, definition] as const))(
    '%s are the same rows when they come back out of Avro',
    (_name, definition) => {
      const rows = rowsOf(definition);
      expect(rows.map(({ back }) => back)).toEqual(rows.map(({ row }) => row));
    },
  );
});
