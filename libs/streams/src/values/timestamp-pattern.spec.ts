import fc from 'fast-check';
import { DateTime } from 'luxon';
import { compileTimestampPattern, type TimestampPattern } from './timestamp-pattern.js';

function patternOf(pattern: string): TimestampPattern {
  const compiled = compileTimestampPattern(pattern);
  if ('fault' in compiled) throw new Error(compiled.fault);
  return compiled;
}
const read = (pattern: string, text: string) => patternOf(pattern).read(text);
const AT = Date.UTC(2017, 9, 2, 10, 56, 33);

describe('a time pattern', () => {
  it.each([
    ['M/d/yyyy H:mm:ss', '10/2/2017 10:56:33', AT],
    ['M/d/yyyy H:mm:ss', '10/02/2017 10:56:33', AT],
    ['d.M.yyyy H:mm', '2.10.2017 10:56', AT - 33_000],
    ['dd/MM/yyyy HH:mm:ss', '02/10/2017 10:56:33', AT],
    ['M/d/yy h:mm:ss a', '10/2/17 10:56:33 am', AT],
    ['MMMM d, yyyy h:mm:ss a', 'October 2, 2017 10:56:33 PM', AT + 43_200_000],
    ['EEE, dd MMM uuuu HH:mm:ss', 'Mon, 02 Oct 2017 10:56:33', AT],
    ['yyyyMMddHHmmss', '20171002105633', AT],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", '2017-10-02T12:56:33.123456+02:00', AT + 123],
    ['yyyy-MM-ddTHH:mm:ssXXX', '2017-10-02T10:56:33Z', AT],
    ['yyyy-MM-dd HH:mm:ss ZZZ', '2017-10-02 05:56:33 -0500', AT],
    ['yyyy/M/d', '2017/10/2', Date.UTC(2017, 9, 2)],
    ["d.M.yyyy H 'Uhr' mm", '2.10.2017 10 Uhr 56', AT - 33_000],
    ['X', '1506941793', AT],
    ['t', '1506941793.5', AT + 500],
    ['x', '1506941793000', AT],
  ])('%s reads %s', (pattern, text, ms) => expect(read(pattern, text)).toBe(ms));

  it.each([
    ['M/d/yyyy H:mm', '13/2/2017 10:56'],
    ['M/d/yyyy H:mm', '2/30/2017 10:56'],
    ['M/d/yyyy H:mm', '10/2/2017 24:01'],
    ['M/d/yyyy H:mm', '10/2/2017 10:56:33'],
    ['M/d/yyyy', '10/2/0000'],
    ['M/d/yyyy H:mm', '2017-10-02 10:56:33'],
    ['EEE, dd MMM yyyy', 'Tue, 02 Oct 2017'],
    ['X', '2017'.repeat(9)],
    ['X', 'x'],
  ])('%s does not read %s', (pattern, text) => expect(read(pattern, text)).toBeUndefined());

  it.each([
    ['YYYY-MM-DD', 'did you mean yyyy'],
    ['M/d/yyyy H:MM', 'the month stands twice'],
    ['H:mm', 'it has no year, no month, no day'],
    ['', 'it has no year'],
    ['M/d/yyyy h:mm', 'needs a (AM, PM)'],
    ['M/d/yyyy H:mm a', 'a (AM, PM) needs h'],
    ['d.M.yyyy H:mm Uhr', 'U is no part of a time'],
    ["yyyy-MM-dd 'x", 'not closed'],
    [`yyyy-MM-dd${' '.repeat(200)}`, 'longer than'],
  ])('%s is refused: %s', (pattern, why) => {
    expect(compileTimestampPattern(pattern)).toEqual({ fault: expect.stringContaining(why) as string });
  });

  it('reads back whatever luxon writes with it', () => {
    const patterns = [
      'M/d/yyyy H:mm:ss',
      'd.M.yyyy HH:mm:ss',
      'yyyyMMddHHmmss',
      'd MMM yyyy h:mm:ss a',
      'EEE d/M/yyyy H:m:s',
    ];
    const seconds = fc.integer({ min: Date.UTC(1000, 0) / 1000, max: Date.UTC(9999, 0) / 1000 });
    fc.assert(
      fc.property(fc.constantFrom(...patterns), seconds, (pattern, second) => {
        const text = DateTime.fromSeconds(second, { zone: 'utc', locale: 'en-US' }).toFormat(pattern);
        expect(read(pattern, text)).toBe(second * 1000);
      }),
    );
  });

  it('never throws, whatever text it is given', () => {
    const pattern = patternOf('M/d/yyyy H:mm');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void pattern.read(text)));
  });
});
