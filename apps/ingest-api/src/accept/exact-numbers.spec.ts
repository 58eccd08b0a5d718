import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import fc from 'fast-check';
import { withExactFractions } from './exact-numbers.js';
import { parseJson } from './json-record.js';

const orders = new StreamRegistry(builtInStreams()).byName('orders')!;
/** What becomes of a price, given as JSON text: the stored value, or the code of its fault. */
function priceOf(json: string): unknown {
  const order = `{"order_id":"a","product":"b","category":"c","quantity":1,"timestamp":0,"price":${json}}`;
  const read = orders.readJson((parseJson(order) as { value: unknown }).value);
  return Array.isArray(read) ? read[orders.columns.findIndex(({ name }) => name === 'price')] : read.faults[0].code;
}

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

  it.each(['x', '\\\\', '\\"', '1.5 '])('passes over a MiB of %j', (piece) => {
    const text = `["${piece.repeat(2 ** 20 / piece.length)}",0.1234567890123456789]`;
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

describe('a price as a JSON number', () => {
  it('of up to 38 digits is stored as it was sent, or refused', () => {
    expect(priceOf('0.1234567890123456789')).toBe('0.1234567890123456789');
    expect(priceOf('12345678901234567.25')).toBe('12345678901234567.25');
    expect(priceOf('9007199254740993')).toBe('bad_decimal');
    expect(priceOf('1.2345678901234567891e5')).toBe('bad_decimal');
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 18n), fc.bigInt(1n, 10n ** 19n - 1n), (whole, fraction) => {
        const text = `${whole}.${fraction}`;
        expect([text, text.replace(/0+$/, '')]).toContain(priceOf(text));
      }),
    );
  });
});
