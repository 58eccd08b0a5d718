import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import fc from 'fast-check';
import { parseJson } from './json-record.js';

const orders = new StreamRegistry(builtInStreams()).byName('orders')!;
/** What becomes of a price, given as JSON text: the stored value, or the code of its fault. */
function priceOf(json: string): unknown {
  const order = `{"order_id":"a","product":"b","category":"c","quantity":1,"timestamp":0,"price":${json}}`;
  const read = orders.readJson((parseJson(order) as { value: unknown }).value);
  return Array.isArray(read) ? read[orders.columns.findIndex(({ name }) => name === 'price')] : read.faults[0].code;
}

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
