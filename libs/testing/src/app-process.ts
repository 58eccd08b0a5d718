import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS, PROCESS_ENV } from '@orderstream/stack';
import { eventually } from './eventually.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Longer than an application's own time to end. */
const STOP_MS = 45_000;

export type AppName = 'ingest-api' | 'sink-worker';

/** One of our applications as it is shipped: its built `main.js`, in a process of its own. */
export class AppProcess {
  private child: ChildProcess | undefined;
  /** the child has ended, and all that it printed was read */
  private isClosed = false;
  readonly output: string[] = [];

  constructor(
    readonly name: AppName,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.child.pid;
  }

  /** The same application with other settings, not started. */
  twin(port: number, env: Readonly<Record<string, string>>): AppProcess {
    return new AppProcess(this.name, port, { ...this.env, ...env });
  }

  /** Starts the process without waiting for anything. */
  spawn(): void {
    const main = `${ROOT}apps/${this.name}/dist/main.js`;
    const child = spawn(process.execPath, [...NODE_FLAGS[this.name], main], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...PROCESS_ENV, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    }
    this.child = child;
    this.isClosed = false;
    child.once('close', () => {
      if (this.child === child) this.isClosed = true;
    });
  }

  async start(timeoutMs = 60_000): Promise<void> {
    this.spawn();
    await this.ready(timeoutMs);
  }

  async ready(timeoutMs = 60_000): Promise<void> {
    const look = async () => {
      if (this.hasEnded) return true; // it does not come back by itself
      return (await fetch(`${this.url}/health/ready`)).status === 200;
    };
    await eventually(look, { timeoutMs, what: `${this.name} ready` }).catch((error: unknown) => {
      throw new Error(`${this.name} is not ready. ${this.tail()}`, { cause: error });
    });
    if (this.hasEnded) throw new Error(`${this.name} ended. ${this.tail()}`);
  }

  private get hasEnded(): boolean {
    return this.child !== undefined && (this.child.exitCode !== null || this.child.signalCode !== null);
  }

  /** Null until its output is complete as well. */
  get exitCode(): number | null {
    return this.isClosed ? (this.child?.exitCode ?? null) : null;
  }

  /** Ends at once, as by the out-of-memory killer or a power cut. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends as an orchestrator does. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  tail(lines = 20): string {
    return this.output.join('').split('\n').slice(-lines).join('\n');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT'); // a test that paused it and failed must end it all the same
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
  }
}
