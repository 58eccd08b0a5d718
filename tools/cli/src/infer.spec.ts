import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileStream, loadStreams } from '@orderstream/streams';
import { infer } from './infer.js';

const SAMPLE = fileURLToPath(new URL('../../../samples/bike-rentals.csv', import.meta.url));

describe('orderstream streams infer', () => {
  let dir: string;
  beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'infer-'))));
  afterAll(() => rmSync(dir, { recursive: true }));

  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const loaded = (text: string, name: string) =>
    loadStreams({ topicPrefix: '', files: [{ name: `${name}.yaml`, text }] }).find((each) => each.name === name)!;

  it('writes a file that can be started with, and that reads what it was made from', async () => {
    const stream = compileStream(loaded(await infer([SAMPLE]), 'bike-rentals'));
    const [header] = readFileSync(SAMPLE, 'utf8').split('\n') as [string];
    const { missing, surplus } = stream.mapHeader(header.split(','));
    expect([missing, surplus]).toEqual([[], []]);
    expect(stream.definition.stats).toEqual({ time: 'started_at', category: 'bike', revenue: 'price' });
  });

  it('takes a name, a key and a number of rows, and finds the delimiter', async () => {
    const file = fileOf('2026 Sales.csv', '\ufeffshop;till;sum\nn;1;1,5\nn;2;2,5\nn;2;3\n');
    expect(loaded(await infer([file, '--key', 'shop,till', '--rows', '2']), 'stream-2026-sales')).toMatchObject({
      primaryKey: { partition: ['shop'], clustering: [{ field: 'till', order: 'asc' }] },
      fields: [{ name: 'shop' }, { name: 'till', type: 'int' }, { name: 'sum', type: 'text' }],
    });
    expect(loaded(await infer([SAMPLE, '--name', 'rides']), 'rides').table).toBe('rides');
  });

  it.each([
    [[], 'give either a file or --table'],
    [['x.csv', '--table', 'a.b'], 'give either a file or --table'],
    [['--table', 'orders'], '--table is written KEYSPACE.TABLE'],
    [[SAMPLE, '--rows', '0'], '--rows must be'],
    [[SAMPLE, '--key', 'nothing'], 'there is no column nothing'],
    [['no-such-file.csv'], 'ENOENT'],
    [['--what'], '--what'],
  ])('says what is wrong with %j', async (argv, told) => {
    await expect(infer(argv)).rejects.toThrow(told);
  });

  it('says so when there is nothing to learn from', async () => {
    await expect(infer([fileOf('empty.csv', '')])).rejects.toThrow('a header and at least one row');
  });
});
