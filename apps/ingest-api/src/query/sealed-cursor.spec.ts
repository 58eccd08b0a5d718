import { openCursor, sealCursor } from './sealed-cursor.js';

describe('a cursor', () => {
  const place = Buffer.from('00ff10', 'hex');

  it('comes back as it was for its question', () => {
    expect(openCursor('q', sealCursor('q', place)).equals(place)).toBe(true);
  });

  it.each([
    ['of another question', (cursor: string) => cursor, 'other'],
    ['that was cut', (cursor: string) => cursor.slice(0, -4), 'q'],
    ['that was changed', (cursor: string) => `A${cursor.slice(1)}`, 'q'],
    ['that was added to', (cursor: string) => `${cursor}AAAA`, 'q'],
    ['with characters that mean nothing', (cursor: string) => `${cursor}!`, 'q'],
    ['that is empty', () => '', 'q'],
  ])('%s is refused', (_, bend, question) => {
    expect(() => openCursor(question, bend(sealCursor('q', place)))).toThrow('not a `next` of this question');
  });
});
