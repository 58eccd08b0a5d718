import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../../docs/proof/', import.meta.url));

/** Writes `docs/proof/<name>.json`: the figures, and on what they were measured. */
export function writeProof(name: string, figures: Readonly<Record<string, unknown>>): void {
  const commit = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim();
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const proof = { name, date: new Date().toISOString(), commit, machine, figures };
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(`${DIRECTORY}${name}.json`, `${JSON.stringify(proof, null, 2)}\n`);
}
