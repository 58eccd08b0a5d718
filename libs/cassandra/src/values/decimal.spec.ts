import cassandra from 'cassandra-driver';
import fc from 'fast-check';
import { decodeDecimal, encodeDecimal } from './decimal.js';

const { BigDecimal } = cassandra.types;

const decimals = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 38n }),
    fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 38 }),
  )
  .map(([negative, whole, fraction]) => {
    const text = fraction === '' ? String(whole) : `${whole}.${fraction}`;
    return negative && /[1-9]/.test(text) ? `-${text}` : text;
  });

describe('a decimal in the table', () => {
  it('is the decimal that was written, digit for digit, its scale included', () => {
    fc.assert(fc.property(decimals, (text) => expect(decodeDecimal(encodeDecimal(text)!)).toBe(text)));
  });

  it('has the bytes that any other client would write', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const theirs = BigDecimal.toBuffer(BigDecimal.fromString(text));
        expect(encodeDecimal(text)!.toString('hex')).toBe(theirs.toString('hex'));
      }),
    );
  });

  const edges = [
    ...['0', '-1', '127', '128', '-128', '-129', '255', '256', '0.00', '999999999999999', '9999999999999999'],
    ...['1407374883553.27', '1407374883553.28', '-1407374883553.28', '-1407374883553.29'],
  ];
  it.each(edges)('keeps %s at the edges of a byte, of six bytes and of a safe number', (text) =>
    expect(decodeDecimal(encodeDecimal(text)!)).toBe(text),
  );

  it.each(['', '1e5', '+1', '1.', '.5', 'NaN', ' 1', '0x10'])('is not made of "%s"', (text) => {
    expect(encodeDecimal(text)).toBeUndefined();
  });

  it('of a foreign writer is read whatever its scale', () => {
    const bytes = (scale: number, ...unscaled: number[]) => {
      const head = Buffer.alloc(4);
      head.writeInt32BE(scale);
      return Buffer.concat([head, Buffer.from(unscaled)]);
    };
    expect(decodeDecimal(bytes(-2, 5))).toBe('500');
    expect(decodeDecimal(bytes(-1_000_000_000, 5))).toBe('5E1000000000');
    expect(decodeDecimal(bytes(3, 0xff))).toBe('-0.001');
  });
});
