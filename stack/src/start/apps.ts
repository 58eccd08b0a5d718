import { integer, readSettings, text } from '@orderstream/settings';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backoffMs, wait } from '@orderstream/resilience';
import { assertPortsFree, type PortNeed } from '../ports/free-ports.js';
import { adoptProcess, stopProcess } from '../process/live-process.js';
import { liveRecord, removeRecord } from '../process/process-record.js';
import type { RunningStack } from '../stack.js';
import type { StepLog } from '../step-log.js';
import { AppProcess, AppStartError, type AppPlan } from './app-process.js';

const tcpPort = (name: string, value: string, description: string) =>
  integer({ name, default: value, unit: 'TCP port', min: 1, max: 65535, description });

/** What the environment can say about where the two applications listen. */
export const APP_SETTINGS = {
  host: text({ name: 'HOST', default: '127.0.0.1', description: 'Address the applications listen on.' }),
  apiPort: tcpPort('PORT', '3000', 'Port of the API.'),
  sinkPort: tcpPort('SINK_PORT', '3001', 'Port of health and metrics of the sink.'),
} as const;

export interface AppAddresses {
  readonly host: string;
  readonly apiPort: number;
  readonly sinkPort: number;
  /** http://host:port, as seen from this machine */
  readonly api: string;
  readonly sink: string;
}

export function appAddresses(env: Readonly<NodeJS.ProcessEnv>): AppAddresses {
  const settings = readSettings(APP_SETTINGS, env);
  const own = ['0.0.0.0', '::'].includes(settings.host) ? '127.0.0.1' : settings.host;
  const shown = own.includes(':') ? `[${own}]` : own;
  return { ...settings, api: `http://${shown}:${settings.apiPort}`, sink: `http://${shown}:${settings.sinkPort}` };
}

export interface AppsContext {
  /** data directory of the stack */
  readonly dir: string;
  readonly repoRoot: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly addresses: AppAddresses;
}

const STARTS_BEFORE_GIVING_UP = 3;
const READY_TIMEOUT_MS = 120_000;
const ORPHAN_GRACE_MS = 5_000;
const NAMES = ['ingest-api', 'sink-worker'] as const;

/** Ends what an earlier `npm start`, killed, left behind; then throws `PortTakenError` unless the ports are free. */
export async function makeRoom({ dir, addresses }: AppsContext, steps: StepLog): Promise<void> {
  for (const name of NAMES) {
    const record = liveRecord(dir, name);
    if (record)
      await steps.time(`${name} of an earlier start stopped`, () =>
        stopProcess(adoptProcess(record), { graceMs: ORPHAN_GRACE_MS }),
      );
    removeRecord(dir, name);
  }
  const needs: PortNeed[] = [
    { port: addresses.apiPort, purpose: 'the API', variable: 'PORT' },
    { port: addresses.sinkPort, purpose: 'the sink worker', variable: 'SINK_PORT' },
  ];
  await assertPortsFree(needs, addresses.host);
}

export function makeApps(context: AppsContext, stack: RunningStack, show: (line: string) => void): AppProcess[] {
  const { addresses } = context;
  const plans: AppPlan[] = [
    appPlan(context, stack, { name: 'ingest-api', prefix: 'api', title: 'API', url: addresses.api }),
    appPlan(context, stack, { name: 'sink-worker', prefix: 'sink', title: 'Sink worker', url: addresses.sink }),
  ];
  return plans.map((plan) => new AppProcess(plan, show));
}

interface AppName {
  readonly name: (typeof NAMES)[number];
  readonly prefix: string;
  readonly title: string;
  readonly url: string;
}

function appPlan(context: AppsContext, stack: RunningStack, app: AppName): AppPlan {
  const { dir, repoRoot, addresses } = context;
  const script = join(repoRoot, 'apps', app.name, 'dist', 'main.js');
  if (!existsSync(script)) throw new Error(`${script} is not there. Build it: npm run build`);
  const env = {
    CASSANDRA_LOCAL_DATA_CENTER: stack.localDataCenter,
    // Everything is to be down 10 s after Ctrl-C, the servers after the applications.
    SHUTDOWN_TIMEOUT: '4s',
    ...context.env,
    KAFKA_BROKERS: stack.brokers,
    CASSANDRA_CONTACT_POINTS: stack.contactPoints,
    ...(stack.registryUrl !== '' && { SCHEMA_REGISTRY_URL: stack.registryUrl }),
    HOST: addresses.host,
    PORT: String(addresses.apiPort),
    SINK_PORT: String(addresses.sinkPort),
  };
  const logFile = join(dir, 'logs', `${app.name}.log`);
  return { ...app, script, env, dir, logFile, cwd: repoRoot, readyUrl: `${app.url}/health/ready` };
}

/** Resolves when it is ready. One that ends three times before that is not started a fourth time, and one that refuses to start not a second time. */
export async function startApp(app: AppProcess, steps: StepLog, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      app.spawn();
      return await steps.time(`${app.title} ready`, () => app.untilReady(signal, READY_TIMEOUT_MS), app.address);
    } catch (error) {
      if (!(error instanceof AppStartError) || error.isFinal || attempt === STARTS_BEFORE_GIVING_UP) throw error;
      steps.warn(error.message);
      await app.stop({ graceMs: ORPHAN_GRACE_MS });
      await wait(backoffMs(attempt, { initialMs: 250, maxMs: 2_000 }), signal);
    }
  }
}
