import type { FoundRecord, RecordValue } from '@orderstream/cassandra';
import {
  builtInStreams,
  compileStream,
  createGenerator,
  ORDERS,
  presentValue,
  type CompiledStream,
  type FieldType,
  type Row,
  type RowGenerator,
  type StreamDefinition,
  type Value,
} from '@orderstream/streams';
import fc from 'fast-check';
import { RunContents } from './run-contents.js';
import { acknowledgedPart, wholeRun } from './run-extent.js';
import { RunLedger } from './run-ledger.js';
import { RunVerdict } from './run-verdict.js';

const JOB = '11111111-1111-4111-8111-111111111111';
const OTHER_JOB = '22222222-2222-4222-8222-222222222222';
const BASE = 1_700_000_000_000_000n;
/** The time of a field is the write time, and what has no fake has a default. */
const TIMED: StreamDefinition = {
  ...ORDERS,
  name: 'timed',
  writeTimeFrom: 'timestamp',
  fields: ORDERS.fields.map(({ name, ...field }) =>
    name === 'customer_name' ? { name, type: 'text', default: 'nobody' } : { name, ...field },
  ),
};
const STREAMS = [...builtInStreams(), TIMED].map(compileStream);

interface Run {
  readonly stream: CompiledStream;
  readonly generator: RowGenerator;
  readonly count: number;
  readonly withUpdates: boolean;
}

const runOf = (name: string, count: number, updates: number, faults: number, seed: string | number = 1): Run => {
  const stream = STREAMS.find((each) => each.name === name)!;
  const options = { seed, startTimeMs: Date.UTC(2024, 0, 1), ratePerSecond: 50, updates, faults };
  return { stream, generator: createGenerator(stream, options), count, withUpdates: updates > 0 };
};

const asRead = (type: FieldType, value: Value): RecordValue =>
  type === 'list' ? (JSON.parse(value as string) as RecordValue) : presentValue(type, value)!;

/** A table as the sink and Cassandra make it: cell by cell, in the order of the records. */
function tableOf({ stream, generator, count }: Run): Map<number, FoundRecord> {
  const rowByOrder = new Map<number, FoundRecord>();
  for (let index = 0; index < count; index++) {
    if (generator.isFault(index)) continue;
    const row: Row = generator.row(index);
    stream.derive(row);
    const set = stream.columns.flatMap(({ name, type }, c) =>
      row[c] === undefined ? [] : [[name, asRead(type, row[c])] as const],
    );
    const order = generator.subjectOf(index);
    rowByOrder.set(order, {
      record: { ...rowByOrder.get(order)?.record, ...Object.fromEntries(set) },
      writeTimeMicros: BigInt(stream.writeTimeOf?.(row) ?? Number(BASE) + index),
      lineage: { partition: 0, offset: '0', jobId: JOB, jobRow: index },
    });
  }
  return rowByOrder;
}

async function verdictOf(run: Run, rows: Iterable<FoundRecord>, extent = wholeRun(run.count), isUnmarked = false) {
  const { stream, generator, withUpdates } = run;
  const ledger = new RunLedger(generator, extent, { withUpdates });
  for (let index = 0; index < run.count; index++) if (generator.isFault(index)) ledger.reject(index);
  await ledger.link();
  const contents = new RunContents(stream, generator);
  const verdict = new RunVerdict({ jobId: JOB, writeTimeBase: BASE, extent, isUnmarked }, generator, ledger, contents);
  for (const row of rows) verdict.judge(row);
  await verdict.close();
  return { verdict, ledger };
}

const countsOf = ({ stored, lost, stale, different, unexpected }: RunVerdict) => ({
  stored,
  lost,
  stale,
  different,
  unexpected,
});
const CLEAN = { lost: 0, stale: 0, different: 0, unexpected: 0 };

describe.each(STREAMS.map(({ name }) => [name]))('the verdict on a run of %s', (name) => {
  const runs = fc
    .record({
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 200 }),
      updates: fc.constantFrom(0, 0.05, 0.5, 0.9),
      faults: fc.constantFrom(0, 0.01, 0.5),
    })
    .map(({ seed, count, updates, faults }) => runOf(name, count, updates, faults, seed));

  it('is clean for what the sink makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const { verdict, ledger } = await verdictOf(run, tableOf(run).values());
        expect(countsOf(verdict)).toEqual({ ...CLEAN, stored: run.count - ledger.rejected });
        expect(ledger.planted).toBe(ledger.rejected);
      }),
      { numRuns: 15 },
    );
  });

  it('names exactly the rows that are gone, and its counts add up', async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.func(fc.boolean()), async (run, isGone) => {
        const table = tableOf(run);
        const contents = new RunContents(run.stream, run.generator);
        const gone = [...table.keys()].filter((order) => isGone(order)).sort((a, b) => a - b);
        for (const order of gone) table.delete(order);
        const { verdict, ledger } = await verdictOf(run, table.values());
        expect(verdict.missingIds).toEqual(gone.slice(0, 100).map((order) => contents.idOf(order)));
        expect(countsOf(verdict)).toMatchObject({ stale: 0, different: 0, unexpected: 0 });
        expect(verdict.stored + verdict.lost + ledger.rejected).toBe(run.count);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the verdict on a run of orders', () => {
  const run = runOf('orders', 200, 0, 0.1);
  const changed = async (change: Partial<FoundRecord>, order = 0) => {
    const table = tableOf(run);
    table.set(order, { ...table.get(order)!, ...change });
    return (await verdictOf(run, table.values())).verdict;
  };
  const sound = tableOf(run).get(0)!;

  it('calls another write time stale, other contents different, another job stale and unexpected', async () => {
    expect(countsOf(await changed({ writeTimeMicros: BASE - 1n }))).toEqual({ ...CLEAN, stored: 179, stale: 1 });
    const forged = { ...sound.record, price: '1.5' };
    expect(countsOf(await changed({ record: forged }))).toEqual({ ...CLEAN, stored: 179, different: 1 });
    const { customer_name: _, ...blank } = sound.record;
    expect(countsOf(await changed({ record: blank }))).toEqual({ ...CLEAN, stored: 179, different: 1 });
    const foreign = { lineage: { ...sound.lineage, jobId: OTHER_JOB }, writeTimeMicros: BASE + 9_999n };
    expect(countsOf(await changed(foreign))).toEqual({ ...CLEAN, stored: 179, stale: 1, unexpected: 1 });
  });

  it('goes by the keys alone where the table does not say which job wrote a row', async () => {
    const bare = [...tableOf(run).values()].map((found) => ({ ...found, lineage: { partition: -1, offset: '-1' } }));
    const theirs = { ...bare[0]!, record: { ...bare[0]!.record, order_id: 'theirs' } };
    const judged = async (isUnmarked: boolean) =>
      countsOf((await verdictOf(run, [...bare, theirs], wholeRun(run.count), isUnmarked)).verdict);
    expect(await judged(true)).toEqual({ ...CLEAN, stored: 180 });
    expect(await judged(false)).toEqual({ ...CLEAN, stored: 180, unexpected: 180 });
  });

  it('calls rows that the run did not make unexpected, and passes over those of others', async () => {
    const id = (text: string) => ({ ...sound, record: { ...sound.record, order_id: text } });
    const fault = Array.from({ length: 200 }, (_, index) => index).find((index) => run.generator.isFault(index))!;
    const { runKey } = run.generator;
    const strays = [id('stray'), id(`${runKey}-200`), id(`${runKey}-${fault}`), id(`${runKey}-007`)];
    const others = [{ ...id('theirs'), lineage: { ...sound.lineage, jobId: OTHER_JOB } }];
    const { verdict } = await verdictOf(run, [...tableOf(run).values(), ...strays, ...others]);
    expect(countsOf(verdict)).toEqual({ ...CLEAN, stored: 180, unexpected: 4 });
    expect(verdict.unexpectedIds).toContain('stray');
  });

  it('counts a planted fault that nobody refused as lost', async () => {
    const extent = wholeRun(200);
    const ledger = new RunLedger(run.generator, extent, { withUpdates: false });
    await ledger.link();
    const contents = new RunContents(run.stream, run.generator);
    const verdict = new RunVerdict({ jobId: JOB, writeTimeBase: BASE, extent }, run.generator, ledger, contents);
    for (const row of tableOf(run).values()) verdict.judge(row);
    await verdict.close();
    expect([ledger.planted, ledger.rejected, verdict.stored, verdict.lost]).toEqual([20, 0, 180, 20]);
  });

  it('of one that was cut off expects of each partition what Kafka acknowledged, and takes no offence at the rest', async () => {
    const long = runOf('orders', 200, 0.5, 0.1);
    const { stream, generator } = long;
    const extent = acknowledgedPart(
      stream,
      generator,
      3,
      new Map([0, 1].map((partition) => [partition, 50 * partition + 49])),
    );
    const certain = Array.from({ length: 200 }, (_, index) => index).filter((index) => extent.has(index));
    // Acknowledged records lie beyond others that may not have gone out.
    expect([extent.span, certain.length < 100, certain.at(-1)! > 50]).toEqual([100, true, true]);
    const planted = certain.filter((index) => generator.isFault(index)).length;
    const counts = { ...CLEAN, stored: certain.length - planted };
    const all = [...tableOf(long).values()];
    const without = tableOf({
      ...long,
      generator: { ...generator, isFault: (index) => generator.isFault(index) || !extent.has(index) },
    });
    for (const rows of [all, without.values()]) {
      const { verdict, ledger } = await verdictOf(long, rows, extent);
      expect(countsOf(verdict)).toEqual(counts);
      expect(ledger).toMatchObject({ expected: certain.length, planted, rejected: planted });
    }
    const first = certain.find((index) => !generator.isFault(index) && generator.subjectOf(index) === index)!;
    without.delete(first);
    const { verdict } = await verdictOf(long, without.values(), extent);
    expect(verdict.missingIds).toEqual([new RunContents(stream, generator).idOf(first)]);
  });
});
