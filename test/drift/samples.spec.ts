/** The samples that a guide leads to can be used as they lie there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDefinitionFiles } from '@orderstream/settings';
import { createGenerator, loadStreams, RowFaults, StreamRegistry } from '@orderstream/streams';

const SAMPLES = join(import.meta.dirname, '..', '..', 'samples');

const registry = new StreamRegistry(
  loadStreams({ topicPrefix: '', files: readDefinitionFiles(join(SAMPLES, 'streams')) }),
);
const linesOf = (file: string): string[][] =>
  readFileSync(join(SAMPLES, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));

describe.each([['bike-rentals', 'bike-rentals.csv']])('samples/streams/%s.yaml', (name, csv) => {
  const [header, ...rows] = linesOf(csv);

  it(`is recognised by the header of samples/${csv}, which has nothing that it does not know`, () => {
    const recognised = registry.recognise(header!);
    expect(recognised).toMatchObject({ stream: { name }, mapping: { missing: [], surplus: [], duplicates: [] } });
  });

  it('reads every row of it', () => {
    const stream = registry.byName(name)!;
    const read = stream.readCells(stream.mapHeader(header!));
    const refused = rows.map(read).filter((row) => row instanceof RowFaults);
    expect([rows.length > 100, refused]).toEqual([true, []]);
  });

  it('makes records that it takes itself', () => {
    const stream = registry.byName(name)!;
    const generator = createGenerator(stream, { seed: 'samples', startTimeMs: 0, ratePerSecond: 10 });
    for (let i = 0; i < 100; i++) {
      const text = stream.toJson(generator.row(i));
      expect(stream.readJson(JSON.parse(text))).not.toBeInstanceOf(RowFaults);
    }
  });
});
