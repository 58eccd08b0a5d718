import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Java } from '../java/java.js';
import { adoptProcess, spawnServer, stopProcess, type LiveProcess, type ProcessExit } from '../process/live-process.js';
import { rotate, tailLines } from '../process/log-tail.js';
import { signalProcess } from '../process/process-identity.js';
import { liveRecord, removeRecord, writeRecord } from '../process/process-record.js';
import type { ServerName } from '../stack-options.js';
import { fingerprint, type ServerPlan } from './server-plan.js';

/** A server process and what can be done with it. Handles in several processes may stand for the same server. */
export interface RunningServer {
  readonly name: ServerName;
  readonly title: string;
  /** host:port for clients */
  readonly address: string;
  /** The process as it is now; 0 when there is none. */
  readonly pid: number;
  readonly logFile: string;
  /** true: meant to outlive its starter */
  readonly keep: boolean;
  /** Ends with the process that runs now; after `restart()` ask again. */
  readonly exited: Promise<ProcessExit>;
  /** SIGTERM, SIGKILL after `graceMs` (default 8000) or when `hurry` aborts. Resolves when it is gone. */
  stop(options?: { readonly graceMs?: number; readonly hurry?: AbortSignal }): Promise<void>;
  /** Any signal, also SIGKILL, SIGSTOP, SIGCONT. Nothing happens when the process is gone. */
  kill(signal: NodeJS.Signals): void;
  /** Stops it if it runs, starts it on the same data, resolves when it answers. */
  restart(signal?: AbortSignal): Promise<void>;
}

export interface ServerContext {
  readonly dir: string;
  readonly java: Java;
  readonly keep: boolean;
}

const READY_TIMEOUT_MS = 180_000;
const PROBE_TIMEOUT_MS = 2_000;
const PROBE_PAUSE_MS = 50;
const MAX_OUT_BYTES = 8 * 1024 * 1024;
const GRACE_MS = 8_000;
const GONE: ProcessExit = { code: null, signal: null };

/** The server did not come up. The message has the last lines of its log. */
export class ServerStartError extends Error {
  constructor(plan: ServerPlan, what: string) {
    const out = tailLines(plan.outFile, 10);
    const log = tailLines(plan.logFile, 20 - out.length);
    super([`${plan.title} ${what}. The last lines of ${plan.logFile}:`, ...log, ...out].join('\n  '));
    this.name = 'ServerStartError';
  }
}

/** The truth is the record on disk: another process may have restarted the server since. */
export class ServerProcess implements RunningServer {
  private live: LiveProcess | undefined;

  constructor(
    private readonly plan: ServerPlan,
    private readonly context: ServerContext,
  ) {}

  get name(): ServerName {
    return this.plan.name;
  }

  get title(): string {
    return this.plan.title;
  }

  get address(): string {
    return this.plan.address;
  }

  get logFile(): string {
    return this.plan.logFile;
  }

  get pid(): number {
    return this.current()?.pid ?? 0;
  }

  get keep(): boolean {
    return liveRecord(this.context.dir, this.name)?.keep ?? this.context.keep;
  }

  get exited(): Promise<ProcessExit> {
    const current = this.current();
    if (current) return current.exited;
    return this.live ? this.live.exited : Promise.resolve(GONE);
  }

  /** It runs with exactly this configuration and answers. */
  async isHealthy(): Promise<boolean> {
    const record = liveRecord(this.context.dir, this.name);
    if (!record || record.fingerprint !== fingerprint(this.plan, this.context.java)) return false;
    return this.plan.probe(PROBE_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
  }

  /** Marks a server that runs already as one that is to outlive its starter. */
  keepRunning(): void {
    const record = liveRecord(this.context.dir, this.name);
    if (record) writeRecord(this.context.dir, { ...record, keep: true });
  }

  /** Rejects with `ServerStartError` when it ends or does not answer; then nothing is left of it. */
  async start(signal?: AbortSignal): Promise<void> {
    const { plan, context } = this;
    this.writeFiles();
    await plan.prepare(context.java, signal);
    signal?.throwIfAborted();
    const args = plan.args(context.java);
    const spawned = { command: context.java.command, args, cwd: dirname(plan.outFile), outFile: plan.outFile };
    this.live = await spawnServer(spawned);
    const { pid, startTime } = this.live;
    const about = {
      fingerprint: fingerprint(plan, context.java),
      keep: context.keep,
      startedAt: new Date().toISOString(),
    };
    writeRecord(context.dir, { name: plan.name, pid, startTime, ...about });
    await this.untilReady(this.live, signal).catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
  }

  async stop(options: { graceMs?: number; hurry?: AbortSignal } = {}): Promise<void> {
    const current = this.current();
    if (current) await stopProcess(current, { graceMs: GRACE_MS, ...options });
    removeRecord(this.context.dir, this.name);
  }

  kill(signal: NodeJS.Signals): void {
    const current = this.current();
    if (current) signalProcess(current, signal);
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.stop();
    await this.start(signal);
  }

  private current(): LiveProcess | undefined {
    const record = liveRecord(this.context.dir, this.name);
    if (!record) return undefined;
    if (this.live?.pid !== record.pid || this.live.startTime !== record.startTime) this.live = adoptProcess(record);
    return this.live;
  }

  private writeFiles(): void {
    const { folders, files, outFile } = this.plan;
    for (const folder of [...folders, join(this.context.dir, 'logs')]) mkdirSync(folder, { recursive: true });
    for (const { path, text } of files) writeFileSync(path, text);
    rotate(outFile, MAX_OUT_BYTES);
  }

  private async untilReady(live: LiveProcess, signal?: AbortSignal): Promise<void> {
    const until = Date.now() + READY_TIMEOUT_MS;
    let exit: ProcessExit | undefined;
    void live.exited.then((ended) => (exit = ended));
    for (;;) {
      signal?.throwIfAborted();
      if (exit) throw new ServerStartError(this.plan, `ended before it answered (${describeExit(exit)})`);
      const failure = await this.plan.probe(PROBE_TIMEOUT_MS).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      if (!failure) return;
      if (Date.now() > until)
        throw new ServerStartError(
          this.plan,
          `does not answer on ${this.address} after ${READY_TIMEOUT_MS / 1000} s (${failure.message})`,
        );
      await delay(PROBE_PAUSE_MS);
    }
  }
}

/** `exit code 1`, `signal SIGKILL`, or that it is simply gone. */
export function describeExit(exit: ProcessExit): string {
  if (exit.signal) return `signal ${exit.signal}`;
  return exit.code === null ? 'it is gone' : `exit code ${exit.code}`;
}
