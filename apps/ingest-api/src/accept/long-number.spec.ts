import { hasLongNumber } from './long-number.js';

const nines = (count: number): string => '9'.repeat(count);

describe('hasLongNumber', () => {
  it.each([
    ['a number of 400 digits', `{"a":${nines(400)}}`],
    ['a number of 400 decimals', `{"a":-1.${nines(400)}}`],
    ['one behind a string with quotes', `{"a":"\\"\\\\","b":[${nines(41)}]}`],
  ])('%s: yes', (_, text) => {
    JSON.parse(text);
    expect(hasLongNumber(text)).toBe(true);
  });

  it.each([
    ['the longest decimal', `{"a":0.${nines(38)}}`],
    ['digits in a string', `{"a":"${nines(400)}"}`],
    ['digits behind an escaped quote', `{"a":"\\"${nines(400)}\\""}`],
    ['digits in a field name', `{"${nines(400)}":1}`],
    ['many short numbers', `[${Array.from({ length: 100 }, () => '1.5').join()}]`],
  ])('%s: no', (_, text) => {
    JSON.parse(text);
    expect(hasLongNumber(text)).toBe(false);
  });
});
