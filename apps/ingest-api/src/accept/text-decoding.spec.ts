import { chunksOf, collect } from './chunks.fixture.js';
import { decodeText } from './text-decoding.js';

const decode = async (data: Buffer, size?: number) => Buffer.concat(await collect(decodeText(chunksOf(data, size))));

describe('decodeText', () => {
  it('decodes UTF-16 of either order', async () => {
    const text = `a é € 💡\n${'plain\n'.repeat(2000)}`;
    const data = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const size of [1, 4097]) expect((await decode(data, size)).toString()).toBe(text);
    data.swap16();
    for (const size of [1, 4097]) expect((await decode(data, size)).toString()).toBe(text);
  });

  it('leaves a byte that is not UTF-8 where UTF-16 has half a character', async () => {
    const data = Buffer.concat([Buffer.from('\ufeffa\udc00b\ud800\nc', 'utf16le'), Buffer.of(0x41)]);
    expect((await decode(data, 1)).toString('latin1')).toBe('a\xffb\xff\nc\xff');
    expect((await decode(Buffer.from('\ufeffa\ud800', 'utf16le'))).toString('latin1')).toBe('a\xff');
  });

  it('hands other bytes on unchanged', async () => {
    const data = Buffer.from(`row with \0 and \xff\n${'plain\n'.repeat(2000)}`, 'latin1');
    expect(await decode(data, 1000)).toEqual(data);
  });

  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256));
  it.each([
    ['PNG', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), noise])],
    ['ZIP', Buffer.from('PK\x03\x04rest')],
    ['gzip that does not say so', Buffer.from('1f8b0800', 'hex')],
    ['PDF', Buffer.from('%PDF-1.7 text')],
    ['UTF-16 without a mark', Buffer.from('order_id,product\n', 'utf16le')],
    ['UTF-32', Buffer.from('fffe00006100000062000000', 'hex')],
    ['noise', noise],
  ])('refuses %s', async (_, data) => {
    for (const size of [1, data.length])
      await expect(decode(data, size)).rejects.toMatchObject({ code: 'binary_content' });
  });
});
