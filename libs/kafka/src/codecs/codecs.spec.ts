import { gzipSync } from 'node:zlib';
import { decompressed } from './install-codecs.js';
import { unlz4 } from './lz4.js';
import { unsnappy } from './snappy.js';
import { unreadableReason } from './unreadable-records.js';
import { unzstd, unzstdInJavaScript } from './zstd.js';

/** As the Java client of Kafka 4.3 compresses it. */
const PLAIN = 'row 0 lamp\nrow 919 chair\nrow 838 chair\nrow 757 chair\nrow 676';
const SNAPPY = 'glNOQVBQWQAAAAABAAAAAQAAADM8KHJvdyAwIGxhbXAKAQsgOTE5IGNoYWlyBQ4IODM4HQ5ANzU3IGNoYWlyCnJvdyA2NzY=';
const LZ4 = 'BCJNGGBAgiwAAACwcm93IDAgbGFtcAoLAJE5MTkgY2hhaXIOADc4MzgOADU3NTcOAFB3IDY3NgAAAAA=';
const ZSTD = 'KLUv/QBYZAEAFAJyb3cgMCBsYW1wCnJvdyA5MTkgY2hhaXI4Mzg3NTc2NzYDAMAMYIO45hgBAAA=';

const CODECS = [
  ['snappy', unsnappy, SNAPPY],
  ['lz4', unlz4, LZ4],
  ['zstd', unzstd, ZSTD],
  ['zstd without node:zlib', unzstdInJavaScript, ZSTD],
] as const;
const MIB = 1024 * 1024;

describe.each(CODECS)('%s', (_name, decompress, text) => {
  const data = Buffer.from(text, 'base64');

  it('reads what a Java producer has written', async () => {
    expect((await decompress(data, MIB)).toString()).toBe(PLAIN.slice(0, 60));
  });

  it('stops at the bound', async () => {
    await expect((async () => decompress(data, 59))()).rejects.toThrow();
    expect(await decompress(data, 60)).toHaveLength(60);
  });

  it('refuses data that is cut off anywhere, and ends', async () => {
    for (let end = 0; end < data.length; end++) {
      await expect((async () => decompress(data.subarray(0, end), MIB))()).rejects.toThrow();
    }
  });

  it('ends with data that is damaged anywhere, and gives no more than the bound', async () => {
    for (let at = 0; at < data.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(data);
        damaged[at]! ^= flip;
        const answer = await (async () => decompress(damaged, MIB))().catch(() => Buffer.alloc(0));
        expect(answer.length).toBeLessThanOrEqual(MIB);
      }
    }
  });
});

describe('codecs', () => {
  it('copy what they are writing, for runs', () => {
    // 1 byte as it is, then 70 from one byte back in two pieces
    const block = Buffer.from([71, 0, 0x61, (63 << 2) | 2, 1, 0, (5 << 2) | 2, 1, 0]);
    expect(unsnappy(block, MIB).toString()).toBe('a'.repeat(71));
  });

  it('refuse a distance before the start, and a length that is not true', () => {
    expect(() => unsnappy(Buffer.from([5, 0, 0x61, (3 << 2) | 2, 2, 0]), MIB)).toThrow('before its start');
    expect(() => unsnappy(Buffer.from([6, 0, 0x61]), MIB)).toThrow('its length is not what it says');
  });

  it('take no more memory for a zstd window than is sensible', () => {
    const huge = Buffer.from(ZSTD, 'base64');
    huge[5] = 0xf8; // 2 TiB
    expect(() => unzstdInJavaScript(huge, MIB)).toThrow('window');
  });

  it('refuse a second zstd frame, whose window nobody has looked at', () => {
    const frame = Buffer.from(ZSTD, 'base64');
    expect(() => unzstdInJavaScript(Buffer.concat([frame, frame]), MIB)).toThrow('exactly one');
  });
});

describe('a batch that cannot be decompressed', () => {
  const tooMuch = (data: Buffer, maxBytes: number) => unsnappy(data, maxBytes);

  /** A batch of format 2 with `count` records, as kafkajs hands its compressed part on: a view behind the header. */
  function batchOf(count: number, compressed: Buffer): Buffer {
    const bytes = Buffer.alloc(61 + compressed.length);
    bytes.writeInt32BE(49 + compressed.length, 8);
    bytes[16] = 2;
    bytes.writeInt32BE(count, 57);
    compressed.copy(bytes, 61);
    return bytes.subarray(61);
  }

  it('becomes as many records as it had, so that the consumer goes on', async () => {
    const instead = await decompressed(tooMuch, batchOf(3, Buffer.from(SNAPPY, 'base64')), 10);
    // offset deltas 0, 1, 2: behind length, attributes and time
    const deltas: number[] = [];
    let at = 0;
    while (at < instead.length) {
      let length = 0;
      let shift = 0;
      for (; instead[at]! > 0x7f; at++, shift += 7) length |= (instead[at]! & 0x7f) << shift;
      length |= instead[at]! << shift;
      deltas.push(instead[at + 3]! / 2);
      at += 1 + length / 2;
    }
    expect(deltas).toEqual([0, 1, 2]);
    expect(String(instead)).toContain('more than 10 bytes uncompressed');
  });

  it('is an error where kafkajs would not know how many records to expect', async () => {
    await expect(decompressed(tooMuch, Buffer.from(SNAPPY, 'base64'), 10)).rejects.toThrow('cannot be read');
  });

  it('says of gzip too that it is too large', async () => {
    const { gunzip } = await import('./install-codecs.js');
    await expect(decompressed(gunzip, gzipSync(Buffer.alloc(1000)), 100)).rejects.toThrow('more than 100 bytes');
  });

  it('is not what a producer can pretend to have sent', () => {
    expect(unreadableReason({ value: Buffer.alloc(0), headers: { unreadable: Buffer.from('x') } })).toBeUndefined();
  });
});
