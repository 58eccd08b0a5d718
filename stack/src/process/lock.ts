import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';
import { readJson } from './process-record.js';

export interface LockHolder extends ProcessIdentity {
  /** What the holder is doing, for the message to others: `npm start`. */
  readonly purpose: string;
}

export interface Lock {
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

/** Another process, alive, holds the lock. */
export class LockHeldError extends Error {
  constructor(
    readonly holder: LockHolder,
    readonly file: string,
  ) {
    super(`${holder.purpose} is already running here (pid ${holder.pid}).`);
    this.name = 'LockHeldError';
  }
}

/**
 * Takes the lock for this process. A lock whose process is gone is recovered. Throws `LockHeldError` otherwise.
 * The file appears by link(2), so nobody ever sees it half written.
 */
export function acquireLock(file: string, purpose: string): Lock {
  const me = identityOf(process.pid);
  if (!me) throw new Error('This process cannot be found in the process table; is /proc mounted, or ps installed?');
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify({ ...me, purpose } satisfies LockHolder));
  try {
    while (!linked(draft, file)) removeIfStale(file);
  } finally {
    rmSync(draft, { force: true });
  }
  return { release: () => releaseIfMine(file, me) };
}

/** Who holds the lock, when it is someone alive. */
export function lockHolder(file: string): LockHolder | undefined {
  const holder = readJson<LockHolder>(file);
  return holder && isAlive(holder) ? holder : undefined;
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(file: string): void {
  const holder = lockHolder(file);
  if (holder) throw new LockHeldError(holder, file);
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // someone else was quicker
    throw error;
  }
  // Between the look and the rename another process may have recovered the lock: then it gets it back.
  const moved = readJson<LockHolder>(aside);
  if (moved && isAlive(moved)) linked(aside, file);
  rmSync(aside, { force: true });
}

function releaseIfMine(file: string, me: ProcessIdentity): void {
  const holder = readJson<LockHolder>(file);
  if (holder?.pid === me.pid && holder.startTime === me.startTime) rmSync(file, { force: true });
}
