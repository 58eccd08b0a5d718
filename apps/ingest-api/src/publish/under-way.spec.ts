import { UnderWay } from './under-way.js';

describe('UnderWay', () => {
  it('gives every job an equal part of the bytes, and what a job leaves to the others', () => {
    const underWay = new UnderWay(12);
    const first = underWay.join();
    expect(first.bytes).toBe(12);
    const second = underWay.join();
    const third = underWay.join();
    expect([first.bytes, second.bytes, third.bytes]).toEqual([4, 4, 4]);
    third.leave();
    third.leave();
    expect(first.bytes).toBe(6);
  });
});
