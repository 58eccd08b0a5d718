import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../docs/proof/', import.meta.url));

/** Writes `docs/proof/<name>.json`: the figures, and on what they were measured. */
export function writeProof(name: string, figures: Readonly<Record<string, unknown>>): void {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: DIRECTORY }).trim();
  // Another proof that was written before is no change of what is proven.
  const isChanged = git('status', '--porcelain', '--', ':/', ':(exclude,top)docs/proof') !== '';
  const commit = git('rev-parse', '--short=12', 'HEAD') + (isChanged ? '-dirty' : '');
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const proof = { name, date: new Date().toISOString(), commit, machine, figures };
  writeFileSync(`${DIRECTORY}${name}.json`, `${JSON.stringify(proof, null, 2)}\n`);
}
