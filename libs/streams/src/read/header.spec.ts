import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { ORDERS } from '../orders.stream.js';

const orders = compileStream(ORDERS);

describe('a header', () => {
  it('matches in any order, whatever its case, spaces, dashes and byte order mark', () => {
    const mapping = orders.mapHeader(['\ufeffPRICE', ' Order ID ', 'order-id2', 'Quantity', '']);
    expect(mapping.indexByColumn).toEqual([1, -1, -1, -1, 3, 0, -1, -1]);
    expect(mapping).toMatchObject({
      width: 5,
      matched: 3,
      missing: ['product', 'category', 'timestamp'],
      surplus: ['order-id2'],
      duplicates: [],
    });
  });

  it('may hold derived fields and other names of a field', () => {
    const stream = compileStream(
      defineStream({
        ...ORDERS,
        fields: ORDERS.fields.map((field) => (field.name === 'price' ? { ...field, csv: ['Unit Price'] } : field)),
      }),
    );
    const mapping = stream.mapHeader(['unit-price', 'total_amount']);
    expect(mapping.indexByColumn[5]).toBe(0);
    expect(mapping.indexByColumn[7]).toBe(1);
    expect(mapping.surplus).toEqual([]);
    expect(mapping.matched).toBe(2);
  });

  it('reports names that stand twice and uses the first', () => {
    const mapping = orders.mapHeader(['price', 'Price', 'note', 'note', '', '']);
    expect(mapping.duplicates).toEqual(['price', 'note']);
    expect(mapping.surplus).toEqual(['note']);
    expect(mapping.indexByColumn[5]).toBe(0);
  });
});
