import { builtInStreams, compileStream, createGenerator, ORDERS, USERS } from '@orderstream/streams';
import fc from 'fast-check';
import { cellsOf } from '../accept/csv-cells.js';
import { unescapeCell } from '../reject/formula-safety.js';
import { csvWriter, ndjsonWriter } from './record-writers.js';

const users = compileStream(USERS);

describe('a record as CSV', () => {
  it('has its cells in the order of the definition, and nothing where a value is unset', () => {
    const writer = csvWriter(compileStream(ORDERS));
    expect(writer.head).toBe('order_id,customer_name,product,category,quantity,price,timestamp,total_amount\r\n');
    expect(writer.line({ price: '-1.50', quantity: -3, order_id: '=1', product: 'a,"b"' })).toBe(
      `'=1,,"a,""b""",,-3,-1.50,,\r\n`,
    );
  });

  it('has values that are no scalars as JSON', () => {
    expect(csvWriter(users).line({ id: 'x', address: [{ street: 'a' }] })).toContain('"[{""street"":""a""}]"');
  });

  it('comes back to the same texts with the escape taken off, whatever they are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^['=+\-@\t\r]{1,3}[,"\n\r a]{0,4}$/));
    fc.assert(
      fc.property(fc.array(text, { minLength: users.columns.length, maxLength: users.columns.length }), (texts) => {
        const record = Object.fromEntries(users.columns.map(({ name }, c) => [name, texts[c]]));
        const line = Buffer.from(csvWriter(users).line(record));
        const [cells] = cellsOf({ bytes: line, starts: [0], lines: [1], quoted: line.includes(34) }, ',');
        expect(cells!.map(unescapeCell)).toEqual(texts.map((each) => Buffer.from(each).toString()));
      }),
    );
  });
});

it.each(builtInStreams().map((definition) => [definition.name, definition] as const))(
  'records of %s come back as the same rows, lists too',
  (_name, definition) => {
    const stream = compileStream(definition);
    const generator = createGenerator(stream, { seed: 1, startTimeMs: Date.UTC(2026, 0, 1), ratePerSecond: 50 });
    const writer = csvWriter(stream);
    const read = stream.readCells(stream.mapHeader(writer.head.trim().split(',')));
    for (let index = 0; index < 50; index++) {
      const row = generator.row(index);
      stream.derive(row);
      const record = JSON.parse(stream.toJson(row)) as Record<string, unknown>;
      const line = Buffer.from(writer.line(record));
      const [cells] = cellsOf({ bytes: line, starts: [0], lines: [1], quoted: line.includes(34) }, ',');
      expect(read(cells!.map(unescapeCell))).toEqual(row);
    }
  },
);

it('a record as NDJSON is one line', () => {
  expect(ndjsonWriter().line({ id: 'a\nb', count: 1 })).toBe('{"id":"a\\nb","count":1}\n');
});
