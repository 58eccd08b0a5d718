import fc from 'fast-check';
import { withExactFractions, withExactNumbers } from './exact-numbers.js';

describe('withExactFractions', () => {
  it.each([
    ['0.1234567890123456789', '"0.1234567890123456789"'],
    ['[-1234567890.123456789012,1.5]', '["-1234567890.123456789012",1.5]'],
    ['{"a":9007199254740991.4}', '{"a":"9007199254740991.4"}'],
    ['1.2345678901234567891e5', '"1.2345678901234567891e5"'],
    [
      '{"a":"\\"0.1234567890123456789","b":0.1234567890123456789}',
      '{"a":"\\"0.1234567890123456789","b":"0.1234567890123456789"}',
    ],
  ])('%s → %s', (text, exact) => {
    JSON.parse(text);
    expect(withExactFractions(text)).toBe(exact);
  });

  it.each([
    '0.30000000000000004',
    '1.50000000000000000000',
    '9007199254740993',
    '1e400',
    '{"0.1234567890123456789":1}',
  ])('%s stays', (text) => expect(withExactFractions(text)).toBe(text));

  it.each(['x', '\\\\', '\\"', '1.5 '])('passes over 8 MiB of %j', (piece) => {
    const text = `["${piece.repeat(2 ** 23 / piece.length)}",0.1234567890123456789]`;
    JSON.parse(text);
    expect(withExactFractions(text).endsWith('",0.1234567890123456789]')).toBe(false);
    expect(withExactFractions(text).endsWith('","0.1234567890123456789"]')).toBe(true);
  });

  it('leaves every number alone that a program writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = JSON.stringify([number]);
        expect(withExactFractions(text)).toBe(text);
      }),
    );
  });
});

describe('withExactNumbers', () => {
  it.each([
    ['9007199254740993', '"9007199254740993"'],
    ['[1e400,-1e400]', '["1e400","-1e400"]'],
    ['0.0000001', '"0.0000001"'],
    ['-10000000000000000000000', '"-10000000000000000000000"'],
    ['[12.5,0.1234567890123456789]', '[12.5,"0.1234567890123456789"]'],
  ])('%s → %s', (text, exact) => expect(withExactNumbers(text)).toBe(exact));

  it.each(['1e22', '1.5E-9', '-0', '0.000001', '123456789012345680000', '"0.0000001"', '{"0.0000001":1}'])(
    '%s stays',
    (text) => expect(withExactNumbers(text)).toBe(text),
  );

  it('gives texts the decimal mark of the reader', () => {
    expect(withExactNumbers('[0.0000001,1.5]', ',')).toBe('["0,0000001",1.5]');
  });
});
