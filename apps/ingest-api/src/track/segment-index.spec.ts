import type { Segment } from '@orderstream/contracts';
import fc from 'fast-check';
import { SegmentIndex } from './segment-index.js';

const segment = (partition: number, base: string, count: number): Segment => ({
  topic: 'orders',
  partition,
  base,
  count,
  firstRow: 0,
  lastRow: 0,
  attempt: 1,
});
const committedAt = (next: bigint | null) => new Map([['orders', new Map([[0, next]])]]);
/** Lengths of segments, each with the number of other producers' records before it. */
const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 })), { maxLength: 10 });

/** The segments, the last ones first, and the offsets of their records. */
function lay(shapes: readonly (readonly [number, number])[]) {
  let end = 0;
  const offsets: number[] = [];
  const segments = shapes.map(([count, gap]) => {
    const base = end + gap;
    end = base + count;
    for (let offset = base; offset < end; offset++) offsets.push(offset);
    return segment(0, String(base), count);
  });
  return { segments: segments.reverse(), offsets };
}

describe('SegmentIndex', () => {
  it('counts exactly the records of the segments that lie below the committed offsets', () => {
    fc.assert(
      fc.property(spans, fc.bigInt({ min: 0n, max: 100n }), (shapes, next) => {
        const { segments, offsets } = lay(shapes);
        const index = new SegmentIndex(segments);
        expect(index.count).toBe(offsets.length);
        expect(index.passed(committedAt(next))).toBe(offsets.filter((offset) => offset < next).length);
      }),
    );
  });

  it('has exactly the records of the segments', () => {
    fc.assert(
      fc.property(spans, (shapes) => {
        const { segments, offsets } = lay(shapes);
        const index = new SegmentIndex(segments);
        const found = Array.from({ length: 100 }, (_, offset) => offset).filter((at) =>
          index.has('orders', 0, BigInt(at)),
        );
        expect(found).toEqual(offsets);
      }),
    );
    expect(new SegmentIndex([segment(0, '0', 3)]).has('orders', 1, 1n)).toBe(false);
    expect(new SegmentIndex([segment(0, '0', 3)]).has('users', 0, 1n)).toBe(false);
  });

  it('counts nothing as passed where the group has committed nothing', () => {
    const index = new SegmentIndex([segment(0, '0', 3)]);
    expect(index.passed(committedAt(null))).toBe(0);
    expect(index.passed(new Map())).toBe(0);
  });

  it('leaves, up to the last record of the job, what the group has not passed, others included', () => {
    const index = new SegmentIndex([segment(0, '100', 10), segment(0, '500', 10), segment(1, '0', 5)]);
    const committed = new Map([
      [
        'orders',
        new Map([
          [0, 60n],
          [1, 5n],
        ]),
      ],
    ]);
    expect(index.remainders(committed)).toEqual([{ topic: 'orders', partition: 0, records: 450 }]);
  });
});
