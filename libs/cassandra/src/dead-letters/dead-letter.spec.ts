import { fingerprintOf } from './dead-letter.js';

const cause = { code: 'bad_decimal', stage: 'transform', stream: 'transactions' } as const;

it('letters about the same field of any item of a list are of one cause', () => {
  const of = (column: string) => fingerprintOf({ ...cause, column });
  expect(of('items[0].price')).toBe(of('items[12].price'));
  expect(of('items[0].price')).not.toBe(of('items[0].count'));
});
