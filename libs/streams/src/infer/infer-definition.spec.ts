import fc from 'fast-check';
import { builtInStreams } from '../built-in-streams.js';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { createGenerator } from '../generate/create-generator.js';
import { sampleCsv } from '../generate/sample-csv.js';
import { inferDefinition, InferenceError } from './infer-definition.js';

const HEADER = [
  'Machine ID',
  'measuredAt',
  'Line',
  'ok',
  'pieces',
  'temp °C',
  'zip',
  'note',
  'day',
  'serial',
  'Line',
  'ratio',
];
const ROWS = [
  ['m-1', '2026-03-01T10:00:00Z', 'north', 'true', '12', '21.50', '01067', '', '2026-03-01', '9000000000', 'a', '0.5'],
  ['m-2', '2026-03-01 10:05:00', 'south', 'FALSE', '-3', '22', '99999', 'late', '2026-03-01', '9000000001', 'b', '1'],
  ['m-3', '2026-03-02 00:00:00', 'north', 'false', '0', '-7.125', '10115', '', '2026-03-02', '9000000002', 'c', '0'],
];
const infer = (rows: readonly string[][], header = HEADER) => inferDefinition(header, rows, { name: 'machines' });
const fieldsOf = (rows: readonly string[][], header?: string[]) =>
  Object.fromEntries(infer(rows, header).definition.fields.map((field) => [field.name, field]));

describe('a definition that is made from a sample', () => {
  it('has the type that reads every cell of a column', () => {
    const types = Object.entries(fieldsOf(ROWS)).map(([name, { type }]) => [name, type]);
    expect(Object.fromEntries(types)).toEqual({
      ...{
        machine_id: 'text',
        measured_at: 'timestamp',
        line: 'text',
        ok: 'boolean',
        pieces: 'int',
        temp_c: 'decimal',
      },
      ...{ zip: 'text', note: 'text', day: 'date', serial: 'bigint', ratio: 'decimal' },
    });
  });

  it('requires what no row leaves blank', () => {
    const optional = Object.values(fieldsOf(ROWS)).filter(({ required }) => !required);
    expect(optional.map(({ name }) => name)).toEqual(['note']);
  });

  it('reads the file that it was made from, under the names of its columns', () => {
    const stream = compileStream(defineStream(infer(ROWS).definition));
    const mapping = stream.mapHeader(HEADER);
    expect([mapping.missing, mapping.surplus, mapping.duplicates]).toEqual([[], [], ['line']]);
    expect(infer(ROWS).notes.join()).toContain('temp °C → temp_c');
  });

  it('has a key that tells the rows apart, one called id before others', () => {
    expect(infer(ROWS).definition.primaryKey.partition).toEqual(['machine_id']);
    const given = inferDefinition(HEADER, ROWS, { name: 'machines', key: ['Line', 'measuredAt'] }).definition;
    expect(given.primaryKey).toEqual({ partition: ['line'], clustering: [{ field: 'measured_at', order: 'asc' }] });
    const alike = [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'y'],
    ];
    expect(() => infer(alike, ['one', 'two'])).toThrow(InferenceError);
    expect(() => inferDefinition(HEADER, ROWS, { name: 'machines', key: ['note'] })).toThrow('blank cells');
    expect(() => inferDefinition(HEADER, ROWS, { name: 'machines', key: ['nothing'] })).toThrow('no column nothing');
  });

  it('says in which form times are that are not of the standard ones', () => {
    const { definition, notes } = infer(
      [
        ['a', '31.12.2026 23:59'],
        ['b', '1.1.2027 0:00'],
      ],
      ['id', 'at'],
    );
    expect(definition.fields[1]).toMatchObject({ type: 'timestamp', required: true });
    expect(notes.join()).toContain('?timestampFormat=d.M.yyyy%20H%3Amm');
  });

  it('has a generator of rows like these', () => {
    const stream = compileStream(defineStream(infer(ROWS).definition));
    const generator = createGenerator(stream, { seed: 1, startTimeMs: 0, ratePerSecond: 1 });
    const rows = Array.from(
      { length: 50 },
      (_, n) => JSON.parse(stream.toJson(generator.row(n))) as Record<string, unknown>,
    );
    expect(new Set(rows.map(({ machine_id }) => machine_id)).size).toBe(50);
    for (const { line, pieces } of rows) {
      expect(['north', 'south']).toContain(line);
      expect(pieces).toBeGreaterThanOrEqual(-3);
    }
  });

  it.each(builtInStreams().map((definition) => [definition.name, definition] as const))(
    'has the types of %s from a sample of it',
    (name, definition) => {
      const [header, ...lines] = [...sampleCsv(compileStream(definition), { rows: 300, seed: 1 })]
        .join('')
        .trim()
        .split('\n');
      // Cells of these samples that hold commas are quoted lists; what is asked here is the rest.
      const rows = lines.filter((line) => !line.includes('"')).map((line) => line.split(','));
      if (rows.length === 0) return;
      const key = [...definition.primaryKey.partition, ...definition.primaryKey.clustering.map(({ field }) => field)];
      const given = key.filter((field) => definition.fields.some((each) => each.name === field));
      const { fields } = inferDefinition(header!.split(','), rows, { name, key: given }).definition;
      for (const field of definition.fields) {
        const found = fields.find((each) => each.name === field.name)!;
        const values = new Set(rows.map((row) => row[header!.split(',').indexOf(field.name)]));
        if (values.size > 1 && field.type !== 'text')
          expect([field.name, found.type]).toEqual([field.name, field.type]);
      }
    },
  );

  it('is one that can be used, whatever the cells and the header are', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('', '1', '1.5', 'true', '2026-01-01', '1e5', 'NaN', '-0'),
      fc.double().map(String),
    );
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.tuple(
          fc.array(fc.string({ unit: 'binary' }), { minLength: width, maxLength: width }),
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 20 }),
        ),
      );
    fc.assert(
      fc.property(table, ([header, rows]) => {
        try {
          defineStream(inferDefinition(header, rows, { name: 'any' }).definition);
        } catch (error) {
          expect(error).toBeInstanceOf(InferenceError);
        }
      }),
      { numRuns: 100 },
    );
  });
});
