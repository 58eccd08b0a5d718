import { median } from './median.js';

describe('the median', () => {
  it('is the middle one, or the middle of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
    expect(median([7])).toBe(7);
  });
});
