import { LetteredPlaces } from './lettered-places.js';

describe('LetteredPlaces', () => {
  it('has exactly what was added', () => {
    const places = new LetteredPlaces();
    expect(places.has(0, '5')).toBe(false);
    for (const offset of ['0', '5', '4095', '4096', '9007199254740993']) places.add(1, offset);
    places.add(1, '5');
    for (const offset of ['0', '5', '4095', '4096', '9007199254740993']) expect(places.has(1, offset)).toBe(true);
    for (const offset of ['1', '4', '6', '4094', '4097', '9007199254740992']) expect(places.has(1, offset)).toBe(false);
    expect(places.has(0, '5')).toBe(false);
    expect(places.has(11, '5')).toBe(false);
  });
});
