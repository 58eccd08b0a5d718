import { BadCursorError, underCursor } from './bad-cursor-error.js';

const answered = (code: number) => Object.assign(new Error('from the server'), { code });
const PROTOCOL_ERROR = 0x000a;
const INVALID = 0x2200;
const OVERLOADED = 0x1001;

describe('a cursor of a list of letters', () => {
  it.each(['', 'abc', 'xy', '-'])('%p is none, and Cassandra is not asked', async (cursor) => {
    let asked = 0;
    await expect(underCursor(cursor, () => Promise.resolve(asked++))).rejects.toBeInstanceOf(BadCursorError);
    expect(asked).toBe(0);
  });

  it.each([PROTOCOL_ERROR, INVALID])('is none when Cassandra answers %i', async (code) => {
    await expect(underCursor('abcd', () => Promise.reject(answered(code)))).rejects.toBeInstanceOf(BadCursorError);
  });

  it('is not to blame for another answer, nor is a list without one for any', async () => {
    await expect(underCursor('abcd', () => Promise.reject(answered(OVERLOADED)))).rejects.toMatchObject({
      code: OVERLOADED,
    });
    await expect(underCursor(undefined, () => Promise.reject(answered(INVALID)))).rejects.toMatchObject({
      code: INVALID,
    });
  });

  it('is one when Cassandra takes it', async () => expect(await underCursor('abcd', () => Promise.resolve(7))).toBe(7));
});
