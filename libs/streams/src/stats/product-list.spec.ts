import fc from 'fast-check';
import { MAX_PRODUCTS, ProductList } from './product-list.js';

const names = fc.array(
  fc.integer({ min: 0, max: 3 * MAX_PRODUCTS }).map((n) => `P${n}`),
  { maxLength: 300 },
);

describe('a list of products', () => {
  it('has the first names of all that were added, whatever their order and however they were grouped', () => {
    fc.assert(
      fc.property(names, fc.array(names, { maxLength: 3 }), (some, lists) => {
        const list = new ProductList();
        for (const name of some) list.add(name);
        for (const more of lists) {
          const other = new ProductList();
          for (const name of more) other.add(name);
          list.addAll(other);
        }
        const all = [...new Set([some, ...lists].flat())].sort();
        expect([list.names, list.hasMore]).toEqual([all.slice(0, MAX_PRODUCTS), all.length > MAX_PRODUCTS]);
      }),
    );
  });

  it('leaves what it began with as it was', () => {
    const given = Object.freeze(['a', 'c']);
    const list = new ProductList(given);
    list.add('a');
    expect(list.names).toBe(given);
    list.add('b');
    expect([list.names, given]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
  });
});
