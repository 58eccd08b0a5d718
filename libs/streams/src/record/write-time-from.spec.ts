import { HEADER } from '@orderstream/contracts';
import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { transformRecord } from './transform-record.js';

const NOW_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const stream = compileStream(
  defineStream({
    name: 'prices',
    description: 'The newest price by its own time wins, in whatever order prices come.',
    key: { fields: ['id'], separator: '' },
    primaryKey: { partition: ['id'], clustering: [] },
    writeTimeFrom: 'quoted_at',
    fields: [
      { name: 'id', type: 'text', required: true },
      { name: 'quoted_at', type: 'timestamp', required: true },
    ],
  }),
);

const recordOf = (value: object | null, headers: Record<string, string> = {}) => ({
  key: Buffer.from('a'),
  value: value && Buffer.from(JSON.stringify(value)),
  offset: '42',
  timestamp: String(NOW_MS),
  headers,
});
const at = (ms: number, headers?: Record<string, string>) =>
  transformRecord(stream, recordOf({ id: 'a', quoted_at: ms }, headers));

describe('a row that is written at the time of a field', () => {
  it('has it as its write time, whatever its header says; what it was sent with is kept beside', () => {
    const sentMicros = NOW_MS * 1000 + 5;
    expect(at(NOW_MS - DAY_MS)).toMatchObject({
      kind: 'upsert',
      origin: { writeTimeMicros: (NOW_MS - DAY_MS) * 1000, sentMicros: NOW_MS * 1000 + 42 },
    });
    expect(at(1, { [HEADER.writeTime]: String(sentMicros) })).toMatchObject({
      origin: { writeTimeMicros: 1000, sentMicros },
    });
  });

  it.each([
    [NOW_MS + DAY_MS, undefined],
    [NOW_MS + DAY_MS + 1, 'write_time_in_future'],
    [Date.UTC(9999, 0), 'write_time_in_future'],
    [0, 'out_of_range'],
    [-1, 'out_of_range'],
  ])('is refused at %d when it could never be corrected, or Cassandra takes no such time', (ms, code) => {
    const done = at(ms);
    if (code === undefined) expect(done.kind).toBe('upsert');
    else expect(done).toMatchObject({ kind: 'refused', stage: 'transform', fault: { code, column: 'quoted_at' } });
  });

  it('cannot be deleted by a null value, which has no such time', () => {
    expect(stream.takesTombstones).toBe(false);
    expect(transformRecord(stream, recordOf(null))).toMatchObject({
      kind: 'refused',
      fault: { code: 'tombstone_not_supported', reason: expect.stringContaining('the time of a field') },
    });
  });
});
