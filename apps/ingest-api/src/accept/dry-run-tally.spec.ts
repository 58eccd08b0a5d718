import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import fc from 'fast-check';
import { MAX_RECORD_BYTES } from '../publish/encode-row.js';
import { ValueEncoding } from '../publish/value-encoding.js';
import { KeyCounts } from './dry-run-keys.js';
import { DryRunTally } from './dry-run-tally.js';

const users = new StreamRegistry(builtInStreams()).byName('users')!;
const row = (id: string, email?: string | null) =>
  users.columns.map(({ name }) => (name === 'id' ? id : name === 'email' ? email : undefined));

describe('the counts of a dry run', () => {
  it('refuse what Kafka would refuse for its size, as the upload does', () => {
    const tally = new DryRunTally(new ValueEncoding(false).of(users), 3);
    const rows = [row('a', 'x'.repeat(MAX_RECORD_BYTES)), row('b', null), row('c')];
    tally.add({ stream: users, rows, rowNumbers: [2, 3, 4], rejects: [] });
    expect(tally).toMatchObject({ accepted: 2, rejected: 1, rejectedByCode: { value_too_large: 1 } });
    expect(tally.rejects).toMatchObject([{ code: 'value_too_large', column: null, examples: [{ line: 2 }] }]);
    expect(tally.blanks).toContainEqual({ column: 'email', keep: 1, clear: 1 });
    expect(tally.blanks.some(({ column }) => column === 'id')).toBe(false);
    expect(tally.rowsByPartition.reduce((sum, rowCount) => sum + rowCount, 0)).toBe(2);
  });

  it('are of the first fault of a row, and bounded whatever the columns are called', () => {
    const tally = new DryRunTally(new ValueEncoding(false).of(users), 3);
    const rejects = Array.from({ length: 1000 }, (_, i) => ({
      row: i,
      faults: [
        { code: 'unknown_field', reason: 'No.', column: `c${i}` } as const,
        { code: 'bad_int', reason: '' } as const,
      ],
      raw: '',
    }));
    tally.add({ stream: users, rows: [], rowNumbers: [], rejects });
    expect(tally.rejects).toHaveLength(201);
    expect(tally.rejects[0]).toMatchObject({ column: null, rows: 800 });
    expect(tally.rejectedByCode).toEqual({ unknown_field: 1000 });
  });
});

it('rows that are wrong at the same field of an item, whichever it is, are one group', () => {
  const tally = new DryRunTally(new ValueEncoding(false).of(users), 3);
  const reject = (row: number) => {
    const fault = { code: 'bad_decimal', reason: 'No.', column: `items[${row}].price` } as const;
    return { row, faults: [fault] as const, raw: '' };
  };
  tally.add({ stream: users, rows: [], rowNumbers: [], rejects: [reject(0), reject(11)] });
  expect(tally.rejects).toMatchObject([{ code: 'bad_decimal', column: 'items[].price', rows: 2 }]);
});

describe('the hottest keys', () => {
  it('are exact while there are few keys', () => {
    const keys = new KeyCounts();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) keys.add(key);
    const hottest = [
      { key: 'a', rows: 3 },
      { key: 'b', rows: 2 },
      { key: 'c', rows: 1 },
    ];
    expect(keys.hottest()).toEqual({ keys: hottest, undercount: 0 });
  });

  it('are never missed and never counted short by more than is said', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 400 }), fc.integer({ min: 0, max: 20_000 }), (hot, others) => {
        const keys = new KeyCounts();
        for (let i = 0; i < others; i++) {
          keys.add(`other-${i}`);
          if (i % 50 === 0) keys.add('hot');
        }
        for (let i = Math.ceil(others / 50); i < hot; i++) keys.add('hot');
        const truth = Math.max(hot, Math.ceil(others / 50));
        const { keys: found, undercount } = keys.hottest();
        expect(undercount).toBeLessThanOrEqual((others + truth) / 1025);
        expect(found[0]!.key).toBe('hot');
        expect(found[0]!.rows).toBeLessThanOrEqual(truth);
        expect(found[0]!.rows + undercount).toBeGreaterThanOrEqual(truth);
      }),
      { numRuns: 20 },
    );
  });
});
