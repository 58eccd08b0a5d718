import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findJava, type Java } from './java/java.js';
import { assertPortsFree } from './ports/free-ports.js';
import { adoptProcess, stopProcess } from './process/live-process.js';
import { liveRecord, readJson, writeJson } from './process/process-record.js';
import { probeExternal } from './external.js';
import { cassandraPlan } from './servers/cassandra.plan.js';
import { kafkaPlan } from './servers/kafka.plan.js';
import { REGISTRY_PATH, registryPlan } from './servers/registry.plan.js';
import { ServerProcess, type RunningServer } from './servers/running-server.js';
import type { ServerPlan } from './servers/server-plan.js';
import { provideJars, startAll, type Entry } from './servers/start-servers.js';
import {
  checkedOptions,
  wantsCassandra,
  wantsKafka,
  wantsRegistry,
  type StackOptions,
  type StartOptions,
} from './stack-options.js';
import { StepLog } from './step-log.js';

/** Servers that answer, ours or not. */
export interface RunningStack {
  /** Kafka bootstrap servers, comma-separated host:port; empty when Kafka was not wanted. */
  readonly brokers: string;
  /** Cassandra nodes, comma-separated host:port; empty when Cassandra was not wanted. */
  readonly contactPoints: string;
  readonly localDataCenter: 'datacenter1';
  /** Schema registry, URLs comma-separated; empty when none was wanted. */
  readonly registryUrl: string;
  /** Only when it is ours. */
  readonly kafka?: RunningServer;
  readonly cassandra?: RunningServer;
  readonly registry?: RunningServer;
  /** Stops what is ours: the registry, then the others at once. */
  stop(options?: { readonly graceMs?: number; readonly hurry?: AbortSignal }): Promise<void>;
}

const REGISTRY_GRACE_MS = 5_000;

const stackFile = (dir: string): string => join(dir, 'stack.json');

/**
 * Starts what is wanted and not running yet, and resolves when everything answers. What an earlier start left behind
 * is taken over when it has the same settings and answers, and is stopped and started anew otherwise.
 * Rejects with `PortTakenError`, `MissingToolError`, `ServerStartError` or the signal's reason; then whatever this
 * call started, or would have owned, is stopped.
 */
export async function startStack(options: StartOptions): Promise<RunningStack> {
  const steps = new StepLog(options.log);
  const checked = await withRunningRegistry(checkedOptions(options), steps);
  await probeExternal(checked, steps);
  const plans = plansOf(checked);
  const java = await javaFor(plans, checked);
  const servers = plans.map((plan) => ({
    plan,
    server: new ServerProcess(plan, { dir: checked.dir, java, keep: checked.keep ?? false }),
  }));
  const missing: Entry[] = [];
  try {
    for (const entry of servers) if (!(await takeOver(entry, checked, steps))) missing.push(entry);
    await assertPortsFree(missing.flatMap(({ plan }) => plan.ports));
    for (const { plan } of missing) await provideJars(plan, checked, steps, options.signal);
    writeJson(stackFile(checked.dir), checked);
    await startAll(missing, steps, options.signal);
  } catch (error) {
    // Only what was meant to outlive its starter, and ran before, has an owner other than us.
    const ours = servers.filter((entry) => missing.includes(entry) || !entry.server.keep);
    await Promise.all(ours.map(({ server }) => server.stop()));
    throw error;
  }
  return runningStack(
    checked,
    servers.map(({ server }) => server),
  );
}

/** A handle on the servers that another process started in `dir`. Throws when nothing was ever started there. */
export async function attachStack(dir: string): Promise<RunningStack> {
  const options = readJson<StackOptions>(stackFile(dir));
  if (!options) throw new Error(`No stack was started in ${dir}. Start one: npm run stack -- up`);
  const plans = plansOf(options);
  const java = await javaFor(plans, options);
  const context = { dir: options.dir, java, keep: options.keep ?? false };
  return runningStack(
    options,
    plans.map((plan) => new ServerProcess(plan, context)),
  );
}

/** Removes the data, logs and configuration of a stopped stack; the jars stay. Throws while a server runs. */
export async function wipeStack(dir: string): Promise<void> {
  if (existsSync(stackFile(dir))) {
    const { kafka, cassandra, registry } = await attachStack(dir);
    const running = [kafka, cassandra, registry].filter((server) => server !== undefined && server.pid !== 0);
    if (running.length > 0) {
      const titles = running.map((server) => server!.title).join(', ');
      throw new Error(`Still running in ${dir}: ${titles}. Stop first: npm run stack -- down`);
    }
  }
  for (const name of ['kafka', 'cassandra', 'logs', 'run', 'stack.json']) {
    rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** A registry that was started to stay stays; one that an earlier start has left behind and nobody asks for ends. */
async function withRunningRegistry(options: StackOptions, steps: StepLog): Promise<StackOptions> {
  const record = options.registry === true ? undefined : liveRecord(options.dir, 'registry');
  if (record === undefined) return options;
  if (record.keep) return { ...options, registry: true };
  await steps.time('Registry of an earlier start stopped', () =>
    stopProcess(adoptProcess(record), { graceMs: REGISTRY_GRACE_MS }),
  );
  return options;
}

function plansOf(options: StackOptions): ServerPlan[] {
  const plans: ServerPlan[] = [];
  if (wantsKafka(options)) plans.push(kafkaPlan(options));
  if (wantsCassandra(options)) plans.push(cassandraPlan(options));
  if (wantsRegistry(options)) {
    const brokers = options.externalBrokers ?? plans.find(({ name }) => name === 'kafka')?.address;
    if (brokers === undefined) throw new Error('The schema registry keeps its data in Kafka, and there is none.');
    plans.push(registryPlan(options, brokers));
  }
  return plans;
}

/** Without a server of ours no Java is needed, and none is looked for. */
const javaFor = (plans: readonly ServerPlan[], options: StackOptions): Promise<Java> =>
  plans.length > 0 ? findJava(options.javaHome) : Promise.resolve({ command: 'java', major: 0 });

/** True when a server of an earlier start goes on; one that cannot go on is stopped. */
async function takeOver({ plan, server }: Entry, options: StackOptions, steps: StepLog): Promise<boolean> {
  if (server.pid === 0) return false;
  if (await server.isHealthy()) {
    if (options.keep) server.keepRunning();
    steps.done(`${plan.title} runs already`, plan.address);
    return true;
  }
  await steps.time(`${plan.title} of an earlier start stopped`, () => server.stop());
  return false;
}

function runningStack(options: StackOptions, servers: readonly ServerProcess[]): RunningStack {
  const kafka = servers.find((server) => server.name === 'kafka');
  const cassandra = servers.find((server) => server.name === 'cassandra');
  const registry = servers.find((server) => server.name === 'registry');
  return {
    brokers: options.externalBrokers ?? kafka?.address ?? '',
    contactPoints: options.externalContactPoints ?? cassandra?.address ?? '',
    localDataCenter: 'datacenter1',
    registryUrl: options.externalRegistry ?? (registry ? `http://${registry.address}${REGISTRY_PATH}` : ''),
    ...(kafka && { kafka }),
    ...(cassandra && { cassandra }),
    ...(registry && { registry }),
    stop: async (how) => {
      await registry?.stop(how); // it would try for long to take leave of a Kafka that is gone
      await Promise.all(servers.filter((server) => server !== registry).map((server) => server.stop(how)));
    },
  };
}
