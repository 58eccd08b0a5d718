import type { RowFault } from '@orderstream/contracts';
import { FormatHints } from './format-hints.js';

const refused = (value: string, column = 'at', code: RowFault['code'] = 'bad_timestamp'): RowFault[] => [
  { code, column, value, reason: 'Refused.' },
];
const told = (values: readonly string[], options = {}, code: RowFault['code'] = 'bad_timestamp') => {
  const hints = new FormatHints(options);
  const reasons = values.map((value) => hints.explain(refused(value, 'at', code))[0]!.reason);
  return { reasons, warnings: hints.warnings(), suggestions: hints.suggestions() };
};

describe('hints for refused cells', () => {
  it.each([
    ['10/13/2017 10:56', 'M/d/yyyy H:mm'],
    ['13/10/2017 10:56:01', 'd/M/yyyy H:mm:ss'],
    ['3.10.2017 10:56', 'd.M.yyyy H:mm'],
    ['13.10.17', 'd.M.yy'],
    ['2017/10/3', 'yyyy/M/d'],
    ['13 Oct 2017', 'd MMM yyyy'],
    ['10/13/2017 1:05 PM', 'M/d/yyyy h:mm a'],
    ['1506941793', 'X'],
    ['20171013', 'yyyyMMdd'],
  ])('%s is of the form %s', (value, timestampFormat) => {
    const { suggestions, reasons } = told([value]);
    const query = `timestampFormat=${encodeURIComponent(timestampFormat)}`;
    expect(suggestions).toMatchObject([{ parameter: 'timestampFormat', value: timestampFormat, query, share: 1 }]);
    expect(suggestions[0]!.detail).not.toContain('as well');
    expect(reasons[0]).toContain(`send ?${query}`);
  });

  it('counts how many agree and says nothing where too few do', () => {
    const dates = Array.from({ length: 19 }, (_, i) => `10/${i + 10}/2017`);
    expect(told([...dates, 'soon']).suggestions).toMatchObject([{ value: 'M/d/yyyy', share: 0.95 }]);
    expect(told([...dates, 'soon']).reasons.at(-1)).toBe('Refused.');
    const words = ['a', 'b', 'c'];
    expect(told([...dates, ...words]).suggestions).toEqual([]);
    expect(told(words)).toMatchObject({ warnings: [], reasons: ['Refused.', 'Refused.', 'Refused.'] });
  });

  it('names every form that would read the same cells otherwise: nobody but their owner can tell', () => {
    expect(told(['1/2/2017', '3/4/2017']).warnings).toEqual([
      '2 of 2 refused dates of at fit M/d/yyyy, and d/M/yyyy as well, so only their owner can tell; send ?timestampFormat=M%2Fd%2Fyyyy',
    ]);
    expect(told(['1/2/2017', '3/14/2017']).warnings[0]).not.toContain('as well');
  });

  it('tries a bounded sample and says so', () => {
    const dates = Array.from({ length: 700 }, (_, i) => `10/${(i % 28) + 1}/2017`);
    expect(told(dates).warnings).toEqual([
      '500 of the first 500 of 700 refused dates of at fit M/d/yyyy; send ?timestampFormat=M%2Fd%2Fyyyy',
    ]);
  });

  it('knows what was given already', () => {
    expect(told(['2017-10-02 10:56:33'], { timestampFormat: 'M/d/yyyy' }).suggestions).toMatchObject([
      { parameter: 'timestampFormat', value: null, query: null },
    ]);
    expect(told(['1,50'], {}, 'bad_decimal').suggestions).toMatchObject([{ query: 'decimalComma=true' }]);
    expect(told(['1.50'], { decimalComma: true }, 'bad_decimal').warnings).toEqual([
      '1 of 1 refused numbers of at fit a decimal point; leave decimalComma out',
    ]);
  });

  it('leaves other faults and cells of any length alone', () => {
    const hints = new FormatHints();
    const other = refused('x', 'at', 'missing_value');
    expect(hints.explain(other)).toEqual(other);
    expect(hints.explain(refused('1/2/2017'.repeat(10_000)))[0]!.reason).toBe('Refused.');
  });
});
