import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { decodeBody, type BodyLimits } from './body-decoding.js';
import { chunksOf, collect, collectUntilFailure } from './chunks.fixture.js';

const MIB = 1024 * 1024;
const LIMITS: BodyLimits = { maxBodyBytes: 100 * MIB, maxDecodedBytes: 100 * MIB, maxGzipRatio: 50 };
const TEXT = Buffer.from('order_id,product\n' + 'o-1,Lamp\n'.repeat(1000));

async function decode(data: Buffer, encoding?: string, limits: Partial<BodyLimits> = {}) {
  const { chunks, digest } = decodeBody(chunksOf(data, 1000), encoding, { ...LIMITS, ...limits });
  const { collected, failure } = await collectUntilFailure(chunks);
  return { body: Buffer.concat(collected), failure, digest: digest.soFar() };
}

describe('decodeBody', () => {
  it.each([
    ['plain', TEXT, undefined],
    ['identity', TEXT, 'Identity'],
    ['gzip', gzipSync(TEXT), 'gzip'],
    ['gzip in several members', Buffer.concat([gzipSync(TEXT.subarray(0, 500)), gzipSync(TEXT.subarray(500))]), 'GZIP'],
    ['gzip with zeros behind it', Buffer.concat([gzipSync(TEXT), Buffer.alloc(600)]), 'gzip'],
  ])('gives the same bytes and the same digest for %s', async (_, data, encoding) => {
    const { body, failure, digest } = await decode(data, encoding);
    expect(failure).toBeUndefined();
    expect(body).toEqual(TEXT);
    expect(digest).toEqual({ bytes: TEXT.length, sha256: createHash('sha256').update(TEXT).digest('hex') });
  });

  const gzip = gzipSync(TEXT);
  const flipped = Buffer.from(gzip);
  flipped[flipped.length - 6]! ^= 1;
  it.each([
    ['cut off', gzip.subarray(0, -5)],
    ['empty', Buffer.alloc(0)],
    ['no gzip at all', TEXT],
    ['with a wrong checksum', flipped],
    ['followed by text', Buffer.concat([gzip, TEXT])],
    ['followed by zeros and another member', Buffer.concat([gzip, Buffer.alloc(9), gzip])],
  ])('refuses gzip that is %s', async (_, data) => {
    expect((await decode(data, 'gzip')).failure).toMatchObject({ code: 'broken_gzip' });
  });

  it('refuses encodings it does not know before reading anything', () => {
    for (const encoding of ['br', 'gzip, gzip', 'deflate']) {
      expect(() => decodeBody(chunksOf(TEXT), encoding, LIMITS)).toThrow(
        expect.objectContaining({ code: 'unsupported_encoding' }),
      );
    }
  });

  it('stops a gzip bomb soon after its first MiB', async () => {
    const { body, failure } = await decode(gzipSync(Buffer.alloc(64 * MIB)), 'gzip');
    expect(failure).toMatchObject({ code: 'gzip_ratio_exceeded' });
    expect(body.length).toBeLessThanOrEqual(2 * MIB);
    expect((await decode(gzipSync(Buffer.alloc(MIB)), 'gzip')).failure).toBeUndefined();
  });

  it('refuses bodies over the caps, sent and decoded', async () => {
    expect((await decode(TEXT, undefined, { maxBodyBytes: TEXT.length })).failure).toBeUndefined();
    expect((await decode(TEXT, undefined, { maxBodyBytes: TEXT.length - 1 })).failure).toMatchObject({
      code: 'body_too_large',
    });
    expect((await decode(gzip, 'gzip', { maxDecodedBytes: TEXT.length })).failure).toBeUndefined();
    expect((await decode(gzip, 'gzip', { maxDecodedBytes: TEXT.length - 1 })).failure).toMatchObject({
      code: 'body_too_large',
    });
  });

  it('passes on what the body throws', async () => {
    async function* gone() {
      yield gzip.subarray(0, 20);
      throw new Error('connection lost');
    }
    for (const encoding of ['gzip', 'identity']) {
      await expect(collect(decodeBody(gone(), encoding, LIMITS).chunks)).rejects.toThrow('connection lost');
    }
  });

  it('leaves a refused body open, so that its owner can read on', async () => {
    for (const encoding of ['gzip', 'identity']) {
      const body = Readable.from([Buffer.concat([Buffer.from('x'), gzip]), Buffer.from('rest'), Buffer.from('more')]);
      const { chunks } = decodeBody(body, encoding, { ...LIMITS, maxBodyBytes: 1 });
      await expect(collect(chunks)).rejects.toMatchObject({ code: 'body_too_large' });
      expect(body.destroyed).toBe(false);
      expect(Buffer.concat(await collect(body)).toString()).toBe('restmore');
    }
  });
});
