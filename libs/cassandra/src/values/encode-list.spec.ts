import cassandra from 'cassandra-driver';
import fc from 'fast-check';
import { driverEncoder } from './driver-encoder.fixture.js';
import { encodeTexts } from './encode-list.js';

const { dataTypes } = cassandra.types;

describe('a list of texts', () => {
  it('has the bytes that any other client would read, long and foreign ones too', () => {
    const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme', maxLength: 300 })), { maxLength: 60 });
    fc.assert(
      fc.property(texts, (list) => {
        const type = { code: dataTypes.list, info: { code: dataTypes.text } };
        expect(driverEncoder.decode(encodeTexts(list), type)).toEqual(list);
      }),
    );
  });
});
