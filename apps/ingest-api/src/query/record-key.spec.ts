import { compileStream, OLIST_ORDERS, USERS } from '@orderstream/streams';
import { readRecordKey } from './record-key.js';

const [users, olist] = [compileStream(USERS), compileStream(OLIST_ORDERS)];

describe('the key in a path', () => {
  it('of one column is the whole segment, commas and all', () => {
    expect(readRecordKey(users, 'a,b%2Cc%2Fd%20e')).toEqual(['a,b,c/d e']);
  });

  it('of several columns is split before it is decoded', () => {
    expect(readRecordKey(olist, 'c%2C1,o1,2017-01-01T00:00:00Z')).toEqual(['c,1', 'o1', Date.UTC(2017, 0, 1)]);
  });

  it('is refused with another number of values, and is of no record where a value cannot be', () => {
    expect(() => readRecordKey(olist, 'a,b')).toThrow(/bad_parameter: .*3 values, customer_id,order_id,.*and 2 came/);
    expect(() => readRecordKey(olist, 'a,b,c')).toThrow(/record_not_found: .*order_purchase_timestamp "c"/);
    expect(() => readRecordKey(olist, ',b,2017-01-01')).toThrow(/record_not_found/);
  });
});
