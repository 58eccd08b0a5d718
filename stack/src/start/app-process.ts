import { nodeFlagsOf, PROCESS_ENV } from './node-flags.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { wait } from '@orderstream/resilience';
import { STACK_ROOT } from '../paths.js';
import { stopProcess, type LiveProcess, type ProcessExit, type StopOptions } from '../process/live-process.js';
import { rotate } from '../process/log-tail.js';
import { identityOf } from '../process/process-identity.js';
import { removeRecord, writeRecord } from '../process/process-record.js';
import { describeExit } from '../servers/running-server.js';
import { notableLine } from './app-output.js';

export interface AppPlan {
  /** name of its folder and its process record */
  readonly name: string;
  /** before its lines on the terminal: `api` */
  readonly prefix: string;
  readonly title: string;
  /** `dist/main.js` of the application */
  readonly script: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** answers 200 when the application can work */
  readonly readyUrl: string;
  readonly logFile: string;
  /** data directory of the stack, for the process record */
  readonly dir: string;
}

/** The application ended, or did not become ready in time. */
export class AppStartError extends Error {
  override readonly name = 'AppStartError';

  constructor(
    message: string,
    /** It has said itself why it cannot start, so that it would say so again. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}

/** With this code an application ends that refuses its settings, its streams or its servers. */
const REFUSED = 1;
/** Lines that come so close to each other belong together. */
const ONE_MESSAGE_MS = 1_000;
const MAX_LAST_WORDS = 20;

/** The build of `watch-parent.ts`, for Node loads no TypeScript. */
const WATCH_PARENT = pathToFileURL(join(STACK_ROOT, 'dist', 'start', 'watch-parent.js'));
const MAX_LOG_BYTES = 32 * 1024 * 1024;
const POLL_MS = 100;
/** Servers that have just come up say no a few times; that is worth a line only when it goes on. */
const QUIET_START_MS = 20_000;
const ASK_TIMEOUT_MS = 2_000;

/** One of our applications as a child process: its log in a file, its warnings on the terminal. */
export class AppProcess {
  private live: LiveProcess | undefined;
  private lastWords: string[] = [];
  private lastWordsMs = 0;
  private lastShown = '';
  private quietUntilMs = 0;

  constructor(
    private readonly plan: AppPlan,
    private readonly show: (line: string) => void,
  ) {}

  get title(): string {
    return this.plan.title;
  }

  get address(): string {
    return new URL(this.plan.readyUrl).host;
  }

  get exited(): Promise<ProcessExit> {
    return this.live?.exited ?? Promise.resolve({ code: null, signal: null });
  }

  /** Exit code or signal and the last thing it complained about, all lines of it. */
  why(exit: ProcessExit): string {
    return this.lastWords.length === 0 ? describeExit(exit) : `${describeExit(exit)}: ${this.lastWords.join('\n')}`;
  }

  /** Starts it and resolves when it is ready, however long that takes. Rejects when it ends before, or on abort. */
  async restart(signal: AbortSignal): Promise<void> {
    this.spawn();
    await this.untilReady(signal);
  }

  spawn(): void {
    const { plan } = this;
    rotate(plan.logFile, MAX_LOG_BYTES);
    this.lastWords = [];
    this.quietUntilMs = Date.now() + QUIET_START_MS;
    const args = [...nodeFlagsOf(plan.name), '--enable-source-maps', `--import=${WATCH_PARENT.href}`, plan.script];
    const child = spawn(process.execPath, args, {
      cwd: plan.cwd,
      env: { ...PROCESS_ENV, ...plan.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.record(child);
    const file = createWriteStream(plan.logFile, { flags: 'a' });
    this.follow(child.stdout, 'stdout', file);
    this.follow(child.stderr, 'stderr', file);
    child.once('close', () => file.end());
  }

  /** Rejects with `AppStartError` when it ends first or `timeoutMs` (default: none) goes by. */
  async untilReady(signal: AbortSignal, timeoutMs = Infinity): Promise<void> {
    const until = Date.now() + timeoutMs;
    let exit: ProcessExit | undefined;
    void this.exited.then((ended) => (exit = ended));
    for (;;) {
      signal.throwIfAborted();
      const answer = await readiness(this.plan.readyUrl, signal);
      if (answer === 'ready') return void (this.quietUntilMs = 0);
      if (exit)
        throw new AppStartError(
          `${this.title} ended before it was ready (${this.why(exit)}). Its log is ${this.plan.logFile}`,
          exit.code === REFUSED,
        );
      if (Date.now() > until)
        throw new AppStartError(
          `${this.title} is not ready after ${timeoutMs / 1000} s: ${answer}. Its log is ${this.plan.logFile}`,
        );
      await wait(POLL_MS, signal);
    }
  }

  async stop(options: StopOptions): Promise<void> {
    if (this.live) await stopProcess(this.live, options);
    removeRecord(this.plan.dir, this.plan.name);
  }

  private record(child: ChildProcess): void {
    // `close` comes after the last line of output, so the reason is known when the end is.
    const exited = new Promise<ProcessExit>((done) => {
      child.once('close', (code, signal) => done({ code, signal }));
      child.once('error', (error) => {
        this.lastWords = [error.message];
        done({ code: null, signal: null });
      });
    });
    const identity = identityOf(child.pid ?? 0) ?? { pid: child.pid ?? 0, startTime: 'ended at once' };
    this.live = { ...identity, exited };
    const about = { name: this.plan.name, startedAt: new Date().toISOString(), fingerprint: '', keep: false };
    writeRecord(this.plan.dir, { ...identity, ...about });
  }

  private follow(source: Readable, stream: 'stdout' | 'stderr', file: WriteStream): void {
    createInterface({ input: source }).on('line', (line) => {
      file.write(`${line}\n`);
      const notable = notableLine(line, stream);
      if (notable === undefined) return;
      this.noteWords(notable.trim());
      if (Date.now() < this.quietUntilMs) return;
      if (notable !== this.lastShown) this.show(`${this.plan.prefix.padEnd(4)} | ${notable}`);
      this.lastShown = notable;
    });
  }

  private noteWords(line: string): void {
    const nowMs = Date.now();
    if (nowMs - this.lastWordsMs > ONE_MESSAGE_MS) this.lastWords = [];
    this.lastWordsMs = nowMs;
    this.lastWords = [...this.lastWords, line].slice(-MAX_LAST_WORDS);
  }
}

/** `ready`, or what it answers instead. */
async function readiness(url: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]) });
    const body = await answer.text();
    return answer.status === 200 ? 'ready' : `${url} answers ${answer.status} ${body.slice(0, 300)}`;
  } catch (error) {
    return `${url} does not answer (${(error as Error).message})`;
  }
}
