import fc from 'fast-check';
import { Utf16Decoder } from './utf16-decoding.js';

function decode(data: Buffer, order: 'le' | 'be', size: number): Buffer {
  const decoder = new Utf16Decoder(order);
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; at += size) chunks.push(decoder.decode(data.subarray(at, at + size)));
  return Buffer.concat([...chunks, decoder.end()]);
}

describe('Utf16Decoder', () => {
  it('decodes any text in any chunks, and leaves the chunks as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), fc.integer({ min: 1, max: 7 }), (text, isBig, size) => {
        const data = Buffer.from(text, 'utf16le');
        if (isBig) data.swap16();
        const before = Buffer.from(data);
        expect(decode(data, isBig ? 'be' : 'le', size).toString()).toBe(text);
        expect(data).toEqual(before);
      }),
    );
  });

  it('puts a byte that is not UTF-8 in the place of every half character', () => {
    const text = 'a\udc00b\ud800\nc\ud83d\ud83d\udca1';
    const expected = Buffer.concat([Buffer.from('a\xffb\xff\nc\xff', 'latin1'), Buffer.from('💡')]);
    for (const size of [1, 2, 3, 100]) expect(decode(Buffer.from(text, 'utf16le'), 'le', size)).toEqual(expected);
  });

  it('puts one for what is cut off at the end, too', () => {
    for (const end of ['ud800', 'odd byte']) {
      const data = Buffer.concat([
        Buffer.from('a', 'utf16le'),
        end === 'odd byte' ? Buffer.of(0x41) : Buffer.of(0, 0xd8),
      ]);
      for (const size of [1, 100]) expect(decode(data, 'le', size).toString('latin1')).toBe('a\xff');
    }
  });
});
