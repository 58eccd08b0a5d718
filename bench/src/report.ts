import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { BENCH, ROOT } from './paths.ts';
import type { Baseline, Verdict } from './baseline.ts';
import type { Spread } from './spread.ts';
import { spreadOf } from './spread.ts';
import type { Turn } from './turn.ts';

export interface Report {
  readonly machine: { readonly os: string; readonly cpu: string; readonly cores: number; readonly memoryGb: number };
  readonly versions: Readonly<Record<string, string>>;
  /** of the product; ends in `-dirty` when the work tree had changes */
  readonly commit: string;
  readonly date: string;
  readonly rounds: number;
  readonly ratios: Readonly<Record<string, Spread>>;
  /** of each contender; absolute numbers are of this machine at this hour, only the ratios can be carried elsewhere */
  readonly contenders: Readonly<Record<string, ContenderReport>>;
  readonly rssMb: Readonly<Record<string, number>>;
  readonly batchWarnings: number;
}

/** CPU in seconds per 100,000 rows: its own, and of the servers while it ran. */
interface ContenderReport {
  readonly rowsPerSecond: Spread;
  readonly cpu: Readonly<Record<keyof Turn['cpu'], Spread>>;
}

export function machine(): Report['machine'] {
  const processors = cpus();
  return {
    os: `${type()} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
}

export function versions(): Report['versions'] {
  const ofPackage = (name: string): string => {
    const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  };
  const pom = readFileSync(join(ROOT, 'stack', 'pom.xml'), 'utf8');
  const ofServer = (name: string): string => new RegExp(`<${name}\\.version>([^<]+)<`).exec(pom)?.[1] ?? 'unknown';
  return {
    node: process.versions.node,
    kafka: ofServer('kafka'),
    cassandra: ofServer('cassandra'),
    kafkajs: ofPackage('kafkajs'),
    'cassandra-driver': ofPackage('cassandra-driver'),
    'csv-parse': ofPackage('csv-parse'),
    nest: ofPackage('@nestjs/core'),
  };
}

export function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '-dirty');
  } catch {
    return 'unknown';
  }
}

export function contenderReports(turns: Readonly<Record<string, readonly Turn[]>>): Report['contenders'] {
  const spread = (of: readonly Turn[], value: (turn: Turn) => number): Spread => spreadOf(of.map(value));
  return Object.fromEntries(
    Object.entries(turns).map(([name, of]) => [
      name,
      {
        rowsPerSecond: spread(of, ({ rowsPerSecond }) => rowsPerSecond),
        cpu: {
          own: spread(of, ({ cpu }) => cpu.own),
          kafka: spread(of, ({ cpu }) => cpu.kafka),
          cassandra: spread(of, ({ cpu }) => cpu.cassandra),
        },
      },
    ]),
  );
}

export function readBaseline(): Baseline {
  return JSON.parse(readFileSync(join(BENCH, 'baseline.json'), 'utf8')) as Baseline;
}

/** What a run prints at its end, one string per line. */
export function tables(report: Report, verdicts: readonly Verdict[], baseline: Baseline): string[] {
  return [
    '',
    `${'contender'.padEnd(16)} rows/s (this machine)   CPU s / 100 k rows: own, Kafka, Cassandra`,
    ...Object.entries(report.contenders).map(([name, { rowsPerSecond, cpu }]) =>
      [
        name.padEnd(16),
        Math.round(rowsPerSecond.median).toString().padStart(7),
        ''.padEnd(15),
        ...[cpu.own, cpu.kafka, cpu.cassandra].map(({ median }) => median.toFixed(2).padStart(6)),
      ].join(' '),
    ),
    '',
    `${'ratio'.padEnd(16)} median    min – max       before   limit`,
    ...verdicts.map(ratioLine),
    '',
    ...Object.entries(report.rssMb).map(
      ([name, mb]) =>
        `${name.padEnd(16)} peak RSS ${Math.round(mb)} MiB, limit ${baseline.rssMb.max}${mark(mb <= baseline.rssMb.max)}`,
    ),
    `${'Cassandra'.padEnd(16)} ${report.batchWarnings} warnings about batches${mark(report.batchWarnings === 0)}`,
  ];
}

function ratioLine({ name, spread, limit, ok }: Verdict): string {
  const number = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));
  const range = `${number(spread?.min)} – ${number(spread?.max)}`;
  const limits = limit?.min === undefined ? `≤ ${number(limit?.max)}` : `≥ ${number(limit.min)}`;
  const columns = [name.padEnd(16), number(spread?.median).padStart(6), '  ', range.padEnd(14)];
  return [...columns, number(limit?.was).padStart(7), '  ', limit ? limits : 'none'].join(' ') + mark(ok);
}

const mark = (ok: boolean): string => (ok ? '   ok' : '   FAIL');
