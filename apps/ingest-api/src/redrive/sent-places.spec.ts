import { segmentsOf } from './sent-places.js';

const place = (partition: number, offset: number, row: number) => ({
  topic: 'orders',
  partition,
  offset: BigInt(offset),
  row,
});

describe('segments of what was sent', () => {
  it('are runs of adjoining offsets of one partition whose rows ascend', () => {
    const places = [place(0, 7, 3), place(0, 5, 1), place(0, 6, 2), place(1, 8, 4), place(0, 9, 9), place(0, 10, 8)];
    expect(
      segmentsOf(places, 2).map(({ partition, base, count, firstRow, lastRow, attempt }) => [
        partition,
        base,
        count,
        firstRow,
        lastRow,
        attempt,
      ]),
    ).toEqual([
      [0, '5', 3, 1, 3, 2],
      [0, '9', 1, 9, 9, 2], // 8 was another producer's
      [0, '10', 1, 8, 8, 2], // its row lies before
      [1, '8', 1, 4, 4, 2],
    ]);
  });

  it('are none of nothing', () => expect(segmentsOf([], 2)).toEqual([]));
});
