import type { AppProcess } from '../app-process.js';
import { eventually } from '../eventually.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';

export interface EarlyStartFigures {
  /** what each application says it waits for, at its health address */
  readonly saidOverHttp: { readonly api: string; readonly sink: string };
  /** the same in its log */
  readonly saidInLog: { readonly api: boolean; readonly sink: boolean };
  readonly alive: { readonly api: number; readonly sink: number };
  /** from the moment the servers answer until both are ready */
  readonly readyMs: number;
}

const SAID_WITHIN_MS = 60_000;

/** Starts both applications while nobody answers them, then lets `serversCome` happen, and waits until both are ready. */
export async function startBeforeServers(world: Sandbox, serversCome: () => Promise<void>): Promise<EarlyStartFigures> {
  world.api.spawn();
  world.sink.spawn();
  const [api, sink] = await Promise.all([whatItWaitsFor(world.api), whatItWaitsFor(world.sink)]);
  const alive = { api: await liveOf(world.api), sink: await liveOf(world.sink) };
  const saidInLog = { api: hasLogged(world.api), sink: hasLogged(world.sink) };
  await serversCome();
  const since = stopwatch();
  await Promise.all([world.api.ready(), world.sink.ready()]);
  return { saidOverHttp: { api, sink }, saidInLog, alive, readyMs: since.elapsedMs() };
}

interface StartupReport {
  readonly error?: { readonly startup?: { readonly message?: string } };
}

/** Once the log says it, which it does after the health address can. */
const whatItWaitsFor = (app: AppProcess): Promise<string> =>
  eventually(
    async () => {
      if (!hasLogged(app)) return undefined;
      const answer = await fetch(`${app.url}/health/startup`);
      if (answer.status !== 503) return undefined;
      const { error } = (await answer.json()) as StartupReport;
      return error?.startup?.message;
    },
    { timeoutMs: SAID_WITHIN_MS, everyMs: 100, what: `${app.name} says what it waits for` },
  );

const hasLogged = (app: AppProcess): boolean => /"msg":"waiting for (Kafka|Cassandra)"/.test(app.output.join(''));
const liveOf = async (app: AppProcess): Promise<number> => (await fetch(`${app.url}/health/live`)).status;
