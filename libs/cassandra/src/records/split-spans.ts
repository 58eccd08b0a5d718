import type { TokenSpan } from '../session/token-ring.js';

const MIN_TOKEN = -(2n ** 63n);
const MAX_TOKEN = 2n ** 63n - 1n;

/** Everything, where the ring is not known. */
export const WHOLE_RING: TokenSpan = { after: MIN_TOKEN, upTo: null };

/** The same spans, each cut into equal pieces so that there are at least so many; a span of one token stays whole. */
export function splitSpans(spans: readonly TokenSpan[], atLeast: number): TokenSpan[] {
  const pieces = BigInt(Math.ceil(atLeast / spans.length));
  return spans.flatMap((span) => split(span, pieces));
}

function split({ after, upTo }: TokenSpan, pieces: bigint): TokenSpan[] {
  const width = (upTo ?? MAX_TOKEN) - after;
  const ends: bigint[] = [];
  for (let piece = 1n; piece < pieces; piece++) {
    const end = after + (width * piece) / pieces;
    if (end > (ends.at(-1) ?? after)) ends.push(end);
  }
  return [...ends, upTo].map((end, n) => ({ after: n === 0 ? after : ends[n - 1]!, upTo: end }));
}
