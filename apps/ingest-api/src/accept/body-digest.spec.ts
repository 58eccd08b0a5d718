import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { BodyDigest } from './body-digest.js';

const chunksOf = (body: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(body.length / size) }, (_, i) => body.subarray(i * size, (i + 1) * size));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('BodyDigest', () => {
  it('knows an earlier beginning again, wherever the chunks are cut and whenever it is told of it', () => {
    const cuts = fc.record({
      body: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      prefixBytes: fc.nat({ max: 200 }),
      size: fc.integer({ min: 1, max: 50 }),
      toldAfter: fc.nat({ max: 10 }),
      changed: fc.boolean(),
    });
    fc.assert(
      fc.property(cuts, ({ body, prefixBytes, size, toldAfter, changed }) => {
        const bytes = Buffer.from(body);
        const length = Math.min(prefixBytes, bytes.length);
        const earlier = Buffer.from(bytes.subarray(0, length));
        if (changed && length > 0) earlier[length - 1]! ^= 1;
        const digest = new BodyDigest();
        const prefix = { bytes: length, sha256: sha256(earlier) };
        chunksOf(bytes, size).forEach((chunk, i) => {
          if (i === toldAfter) digest.expect(prefix);
          digest.add(chunk);
        });
        if (toldAfter >= chunksOf(bytes, size).length) digest.expect(prefix);
        expect(digest.prefixState).toBe(changed && length > 0 ? 'different' : 'same');
        expect(digest.soFar()).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
      }),
    );
  });

  it('is undecided until as many bytes have passed', () => {
    const digest = new BodyDigest();
    digest.expect({ bytes: 5, sha256: sha256(Buffer.from('abcde')) });
    digest.add(Buffer.from('abc'));
    expect(digest.prefixState).toBe('open');
    digest.add(Buffer.from('def'));
    expect(digest.prefixState).toBe('same');
  });
});
