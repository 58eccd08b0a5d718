import { escapeCell, unescapeCell } from './formula-safety.js';

describe('a cell that a spreadsheet would take for a formula', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', "'x", "''", "'", '-'])(
    '%j of a text gets one quote',
    (text) => {
      expect(escapeCell(text)).toBe(`'${text}`);
      expect(unescapeCell(`'${text}`)).toBe(text);
    },
  );

  it.each(['-1', '+2.50', '-.5', '12', '-1700000000000', '2026-01-01'])('%j of a number or date stays', (text) => {
    expect(escapeCell(text, false)).toBe(text);
    expect(unescapeCell(text)).toBe(text);
  });

  it.each(['-x', '=2', '-1+2', '+1e5', '@1'])('%j is no number, whatever its column', (text) => {
    expect(escapeCell(text, false)).toBe(`'${text}`);
  });

  it.each(['', 'a', 'O’Neill', "it's", ' =1', '"=1"'])('%j is left alone, both ways', (text) => {
    expect(escapeCell(text)).toBe(text);
    expect(unescapeCell(text)).toBe(text);
  });
});
