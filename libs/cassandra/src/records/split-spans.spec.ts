import fc from 'fast-check';
import { splitSpans, WHOLE_RING } from './split-spans.js';

const MIN_TOKEN = -(2n ** 63n);
const token = fc.bigInt({ min: MIN_TOKEN + 1n, max: 2n ** 63n - 1n });

describe('splitSpans', () => {
  it('covers the same ring without gaps, in at least so many pieces', () => {
    fc.assert(
      fc.property(fc.uniqueArray(token, { maxLength: 8 }), fc.integer({ min: 1, max: 100 }), (tokens, atLeast) => {
        const bounds = [MIN_TOKEN, ...tokens.sort((a, b) => (a < b ? -1 : 1))];
        const spans = bounds.map((after, n) => ({ after, upTo: bounds[n + 1] ?? null }));
        const pieces = splitSpans(spans, atLeast);
        expect(pieces[0]!.after).toBe(MIN_TOKEN);
        expect(pieces.at(-1)!.upTo).toBeNull();
        expect(pieces.slice(1).map(({ after }) => after)).toEqual(pieces.slice(0, -1).map(({ upTo }) => upTo));
        expect(pieces.every(({ after, upTo }) => upTo === null || upTo > after)).toBe(true);
        for (const { upTo } of spans) expect(pieces.some((piece) => piece.upTo === upTo)).toBe(true);
      }),
    );
    expect(splitSpans([WHOLE_RING], 64)).toHaveLength(64);
  });

  it('leaves a span of one token whole', () => {
    expect(splitSpans([{ after: 4n, upTo: 5n }], 64)).toEqual([{ after: 4n, upTo: 5n }]);
  });
});
