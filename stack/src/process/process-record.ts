import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/** What is written down about a process, so that another one can find it, stop it or go on with it. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** Hash of command and configuration; another one means it must be started anew. */
  readonly fingerprint: string;
  /** It is meant to outlive its starter. */
  readonly keep: boolean;
}

/** One file per process (`<dir>/run/<name>.json`), so that writers in several processes never undo each other. */
const recordFile = (dir: string, name: string): string => join(dir, 'run', `${name}.json`);

/** Written at once as a whole: a reader sees the old record or the new one. */
export function writeRecord(dir: string, record: ProcessRecord): void {
  writeJson(recordFile(dir, record.name), record);
}

/** The record when its process is alive, otherwise undefined. */
export function liveRecord(dir: string, name: string): ProcessRecord | undefined {
  const record = readJson<ProcessRecord>(recordFile(dir, name));
  return record && isAlive(record) ? record : undefined;
}

export function removeRecord(dir: string, name: string): void {
  rmSync(recordFile(dir, name), { force: true });
}

export function writeJson(file: string, value: unknown): void {
  mkdirSync(join(file, '..'), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(draft, file);
}

/** The parsed file; undefined when it is absent or cut off. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
