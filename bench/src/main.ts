import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { acquireLock } from '@orderstream/stack';
import { compare, type Baseline } from './baseline.ts';
import { readOptions, USAGE, type BenchOptions, type SuiteName } from './options.ts';
import { RESULTS, STACK_DIR } from './paths.ts';
import { profileIngest, profileSink } from './profile/profile-run.ts';
import * as reporting from './report.ts';
import { Servers } from './servers.ts';
import { AVRO_ROWS, avroSuite } from './suites/avro.suite.ts';
import { endToEndSuite, OLIST_ROWS } from './suites/end-to-end.suite.ts';
import { INGEST_ROWS, ingestSuite } from './suites/ingest.suite.ts';
import { RECEIPTS_ROWS, receiptsSuite } from './suites/receipts.suite.ts';
import { ROLLUPS_ROWS, rollupsSuite } from './suites/rollups.suite.ts';
import { SINK_ROWS, sinkSuite } from './suites/sink.suite.ts';
import type { SuiteContext, SuiteResult } from './suites/suite.ts';

interface Suite {
  readonly title: string;
  readonly rows: number;
  readonly ratios: readonly string[];
  run(context: SuiteContext): Promise<SuiteResult>;
}

const SUITES: Readonly<Record<SuiteName, Suite>> = {
  sink: {
    title: 'sink: Kafka → Cassandra',
    rows: SINK_ROWS,
    ratios: ['sinkVsRaw', 'rawVsRowWindow', 'sinkVsRowWindow'],
    run: sinkSuite,
  },
  ingest: { title: 'ingest: CSV → Kafka', rows: INGEST_ROWS, ratios: ['ingestVsParts'], run: ingestSuite },
  e2e: { title: 'end to end: CSV → Cassandra', rows: OLIST_ROWS, ratios: ['endToEndVsRaw'], run: endToEndSuite },
  receipts: {
    title: 'receipts: what they cost',
    rows: RECEIPTS_ROWS,
    ratios: ['sinkReceipts', 'ingestReceipts'],
    run: receiptsSuite,
  },
  rollups: {
    title: 'rollups: what statistics cost the sink',
    rows: ROLLUPS_ROWS,
    ratios: ['sinkRollups', 'sinkAccountRollups'],
    run: rollupsSuite,
  },
  avro: {
    title: 'Avro: the same work with a schema registry',
    rows: AVRO_ROWS,
    ratios: ['ingestAvroVsJson', 'sinkAvroVsJson'],
    run: avroSuite,
  },
};

const say = (line: string): void => console.log(line);

async function measure(servers: Servers, options: BenchOptions): Promise<boolean> {
  const results: SuiteResult[] = [];
  for (const name of options.suites) {
    const suite = SUITES[name];
    const rows = options.rows ?? suite.rows;
    say(`\n${suite.title}, ${rows} rows`);
    results.push(await suite.run({ servers, rounds: options.rounds, rows, say }));
  }
  const report = reportOf(results, servers, options);
  const expected = options.suites.flatMap((name) => SUITES[name].ratios);
  return conclude(report, expected, options.jsonFile);
}

function reportOf(results: readonly SuiteResult[], servers: Servers, { rounds }: BenchOptions): reporting.Report {
  const rssMb: Record<string, number> = {};
  for (const result of results) {
    for (const [app, mb] of Object.entries(result.rssMb)) rssMb[app] = Math.max(rssMb[app] ?? 0, Math.round(mb));
  }
  return {
    machine: reporting.machine(),
    versions: reporting.versions(),
    commit: reporting.commit(),
    date: new Date().toISOString(),
    rounds,
    ratios: Object.assign({}, ...results.map(({ ratios }) => ratios)) as reporting.Report['ratios'],
    contenders: reporting.contenderReports(
      Object.assign({}, ...results.map(({ turns }) => turns)) as SuiteResult['turns'],
    ),
    rssMb,
    batchWarnings: servers.batchWarnings().length,
  };
}

/** Prints and writes the report; true when every limit is kept. */
function conclude(report: reporting.Report, expected: readonly string[], jsonFile: string | undefined): boolean {
  const baseline: Baseline = reporting.readBaseline();
  const verdicts = compare(report.ratios, baseline, expected);
  for (const line of reporting.tables(report, verdicts, baseline)) say(line);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const file = jsonFile === undefined ? join(RESULTS, 'latest.json') : resolve(jsonFile);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  say(`\nwritten to ${file}`);
  const slim = Object.values(report.rssMb).every((mb) => mb <= baseline.rssMb.max);
  return verdicts.every(({ ok }) => ok) && slim && report.batchWarnings === 0;
}

async function profile(servers: Servers, suite: 'sink' | 'ingest', options: BenchOptions): Promise<boolean> {
  const context = { servers, rounds: 1, rows: options.rows ?? SUITES[suite].rows, say };
  const lines = suite === 'sink' ? await profileSink(context) : await profileIngest(context);
  for (const line of lines) say(line);
  return true;
}

async function main(options: BenchOptions): Promise<boolean> {
  const lock = acquireLock(`${STACK_DIR}.lock`, 'A bench');
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    const servers = await Servers.start(options.keep, say);
    try {
      const work = options.profile ? profile(servers, options.profile, options) : measure(servers, options);
      return await Promise.race([work, stopped]);
    } finally {
      await servers.close(options.keep);
    }
  } finally {
    lock.release();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  // Whatever a stopped bench left open must not keep it alive.
  process.exit((await main(options)) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')) console.error(USAGE);
  process.exit(1);
}
