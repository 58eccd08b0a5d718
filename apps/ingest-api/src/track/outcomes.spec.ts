import type { Segment } from '@orderstream/contracts';
import fc from 'fast-check';
import { passedOf } from './outcomes.js';

const segment = (partition: number, base: string, count: number): Segment => ({
  topic: 'orders',
  partition,
  base,
  count,
  firstRow: 0,
  lastRow: 0,
  attempt: 1,
});

describe('passedOf', () => {
  it('counts exactly the records of the segments that lie below the committed offsets', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 })), { maxLength: 10 });
    fc.assert(
      fc.property(spans, fc.bigInt({ min: 0n, max: 100n }), (shapes, next) => {
        let end = 0;
        const offsets: number[] = [];
        const segments = shapes.map(([count, gap]) => {
          const base = end + gap;
          end = base + count;
          for (let offset = base; offset < end; offset++) offsets.push(offset);
          return segment(0, String(base), count);
        });
        const committed = new Map([['orders', new Map([[0, next]])]]);
        expect(passedOf(segments, committed)).toBe(offsets.filter((offset) => offset < next).length);
      }),
    );
  });

  it('counts nothing where the group has committed nothing', () => {
    expect(passedOf([segment(1, '0', 3)], new Map([['orders', new Map([[1, null]])]]))).toBe(0);
    expect(passedOf([segment(1, '0', 3)], new Map())).toBe(0);
  });
});
