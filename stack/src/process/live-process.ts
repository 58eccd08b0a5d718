import { spawn, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive, signalProcess, type ProcessIdentity } from './process-identity.js';

/** How a process ended; both null when it was not our child and only its absence was seen. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running process, our child or adopted. */
export interface LiveProcess extends ProcessIdentity {
  readonly exited: Promise<ProcessExit>;
}

export interface SpawnPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** stdout and stderr are appended here */
  readonly outFile: string;
}

const POLL_MS = 50;

/**
 * Starts a process in its own group, so that Ctrl-C in the terminal does not reach it, and without holding our
 * event loop. Rejects when the command cannot be run.
 */
export async function spawnServer(plan: SpawnPlan): Promise<LiveProcess> {
  const out = openSync(plan.outFile, 'a');
  try {
    const stdio: StdioOptions = ['ignore', out, out];
    const child = spawn(plan.command, [...plan.args], { cwd: plan.cwd, detached: true, stdio });
    const exited = new Promise<ProcessExit>((done) => child.once('exit', (code, signal) => done({ code, signal })));
    await new Promise<void>((spawned, failed) => child.once('spawn', spawned).once('error', failed));
    child.unref();
    const identity = identityOf(child.pid!);
    return { pid: child.pid!, startTime: identity?.startTime ?? 'ended at once', exited };
  } finally {
    closeSync(out);
  }
}

/**
 * A process that someone else started. Its end is seen within 50 ms, by looking: from the first time that `exited` is
 * asked for, and only then, this holds the event loop.
 */
export function adoptProcess({ pid, startTime }: ProcessIdentity): LiveProcess {
  let exited: Promise<ProcessExit> | undefined;
  return {
    pid,
    startTime,
    get exited() {
      return (exited ??= absence({ pid, startTime }));
    },
  };
}

async function absence(identity: ProcessIdentity): Promise<ProcessExit> {
  await untilGone(identity);
  return { code: null, signal: null };
}

export interface StopOptions {
  /** Time between SIGTERM and SIGKILL, ms. */
  readonly graceMs: number;
  /** Aborted: SIGKILL now. */
  readonly hurry?: AbortSignal;
}

/** SIGTERM, then SIGKILL after the grace time. Resolves when the process is gone; a stopped one (SIGSTOP) too. */
export async function stopProcess(live: LiveProcess, options: StopOptions): Promise<void> {
  signalProcess(live, 'SIGTERM');
  signalProcess(live, 'SIGCONT');
  if (await endsWithin(live, options)) return;
  signalProcess(live, 'SIGKILL');
  await untilGone(live);
}

async function endsWithin(live: LiveProcess, options: StopOptions): Promise<boolean> {
  const until = Date.now() + options.graceMs;
  while (isAlive(live)) {
    if (Date.now() >= until || options.hurry?.aborted) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Resolves when no such process is there any more. */
export async function untilGone(identity: ProcessIdentity): Promise<void> {
  while (isAlive(identity)) await delay(POLL_MS);
}
