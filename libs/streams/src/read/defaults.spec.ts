import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { MINIMAL } from '../define/minimal-definition.fixture.js';
import { RowFaults } from '../stream.js';
import { createGenerator } from '../generate/create-generator.js';

const stream = compileStream(
  defineStream({
    ...MINIMAL,
    fields: [
      { name: 'id', type: 'text', required: true, fake: { kind: 'runId' } },
      { name: 'status', type: 'text', required: true, default: 'new' },
      { name: 'price', type: 'decimal', default: '0.50' },
      { name: 'count', type: 'int', default: '0' },
      { name: 'at', type: 'timestamp', default: '2026-01-01T00:00:00Z' },
      { name: 'note', type: 'text' },
    ],
  }),
);
const AT = Date.UTC(2026, 0, 1);
const DEFAULTS = ['new', '0.50', 0, AT, undefined];

describe('a default', () => {
  it.each([{ id: 'a' }, { id: 'a', status: null, price: '', count: null, at: ' ' }, { id: 'a', status: '  ' }])(
    'stands for what is missing or blank in %j',
    (record) => {
      expect(stream.readJson(record)).toEqual(['a', ...DEFAULTS]);
    },
  );

  it('stands for blank cells, and for columns that a file has not: they are not missing', () => {
    const mapping = stream.mapHeader(['id', 'price']);
    expect(mapping.missing).toEqual([]);
    expect(stream.readCells(mapping)(['a', ''])).toEqual(['a', ...DEFAULTS]);
  });

  it('gives way to a value, 0 and false too', () => {
    expect(stream.readJson({ id: 'a', status: 'old', price: 0, count: 7 })).toEqual([
      'a',
      'old',
      '0',
      7,
      AT,
      undefined,
    ]);
  });

  it('gives way to a blank that clears, unless the field is required', () => {
    expect(stream.readJsonClearing({ id: 'a', status: '', price: '', note: '' })).toEqual([
      'a',
      'new',
      null,
      0,
      AT,
      null,
    ]);
  });

  it('does not stand for what a planted fault leaves out: another field is broken', () => {
    const generator = createGenerator(stream, { seed: 1, startTimeMs: 0, ratePerSecond: 1, faults: 0.5 });
    const planted = Array.from({ length: 100 }, (_, index) => index).filter((index) => generator.isFault(index));
    const read = planted.map((index) => stream.readJson(JSON.parse(stream.toJson(generator.row(index)))));
    expect(planted.length).toBeGreaterThan(20);
    expect(read.filter((row) => !(row instanceof RowFaults))).toEqual([]);
  });

  it('is what a generated record has where nothing else is said', () => {
    const generator = createGenerator(stream, { seed: 1, startTimeMs: 0, ratePerSecond: 1 });
    expect(generator.row(0).slice(1)).toEqual(DEFAULTS);
  });
});
