import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@orderstream/testing';
import { usageOf, type Usage } from './process-usage.ts';
import { RESULTS, ROOT } from './paths.ts';

export interface SubjectOptions {
  /** names its log file under results/ */
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** answers 200 once the process can work; absent: the process says so itself, by a message */
  readonly readyUrl?: string;
}

const READY_TIMEOUT_MS = 120_000;
/** Node 24 tells about type stripping and about negative timers of kafkajs; both are known. */
const QUIET = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

/**
 * A process under test, an application or a rig, on the same Node as the bench. Its environment is what is given and
 * nothing else.
 */
export class Subject {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly logFile: string;
  private readonly options: SubjectOptions;
  private readonly ended: Promise<never>;

  private constructor(options: SubjectOptions) {
    this.name = options.name;
    this.options = options;
    mkdirSync(join(RESULTS, 'logs'), { recursive: true });
    this.logFile = join(RESULTS, 'logs', `${options.name}.log`);
    const log = openSync(this.logFile, 'w');
    const args = [...QUIET, ...(options.nodeFlags ?? []), options.file, ...(options.args ?? [])];
    this.child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: options.readyUrl === undefined ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
    });
    closeSync(log);
    // A bench that is stopped leaves no process behind.
    const kill = (): void => void this.child.kill('SIGTERM');
    process.once('exit', kill);
    this.child.once('exit', () => process.off('exit', kill));
    this.ended = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`${options.name} ended (${code ?? signal}). The end of ${this.logFile}:\n${this.tail()}`);
    });
    // It always ends some day; it matters only to who waits for it at that time.
    this.ended.catch(() => undefined);
  }

  /** Resolves when it is ready; rejects with the end of its log when it is not. */
  static async start(options: SubjectOptions): Promise<Subject> {
    const subject = new Subject(options);
    try {
      await subject.unlessEnded(subject.ready());
      return subject;
    } catch (error) {
      await subject.stop();
      throw error;
    }
  }

  usage(): Usage {
    return usageOf(this.pid);
  }

  private get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} was not started`);
    return this.child.pid;
  }

  /** Gives a rig a task and resolves with its answer. */
  async ask(task: object): Promise<unknown> {
    const answer = once(this.child, 'message');
    this.child.send(task);
    const [message] = (await this.unlessEnded(answer)) as [unknown];
    return message;
  }

  /** Rejects as soon as the process ends, with what it said last. */
  unlessEnded<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.ended]);
  }

  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(kill);
  }

  /** The end of what it printed. */
  tail(lines = 15): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async ready(): Promise<void> {
    const { readyUrl } = this.options;
    if (readyUrl === undefined) {
      await once(this.child, 'message');
      return;
    }
    const look = async () => (await fetch(readyUrl)).status === 200;
    await eventually(look, { timeoutMs: READY_TIMEOUT_MS, what: `${this.name} ready` });
  }
}
