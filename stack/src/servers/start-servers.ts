import { join } from 'node:path';
import { fetchJars, jarsArePresent } from '../java/jars.js';
import { POM_FILE } from '../paths.js';
import type { StackOptions } from '../stack-options.js';
import type { StepLog } from '../step-log.js';
import type { ServerProcess } from './running-server.js';
import type { ServerPlan } from './server-plan.js';

export interface Entry {
  readonly plan: ServerPlan;
  readonly server: ServerProcess;
}

/** Fetches the jars of a server unless they are there. */
export async function provideJars(
  plan: ServerPlan,
  options: StackOptions,
  steps: StepLog,
  signal?: AbortSignal,
): Promise<void> {
  if (jarsArePresent(join(options.jarsDir, plan.name), POM_FILE)) return;
  steps.note(`Fetching ${plan.title} from Maven Central, once …`);
  const fetch = { jarsDir: options.jarsDir, pomFile: POM_FILE, ...(signal && { signal }) };
  await steps.time(`${plan.title} fetched`, () => fetchJars(plan.name, fetch), options.jarsDir);
}

/** All at once, but for those that come after another. One failure stops the others too, and all have ended before it is reported. */
export async function startAll(entries: readonly Entry[], steps: StepLog, signal?: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const starts: Promise<void>[] = [];
  const startByName = new Map<string, Promise<void>>();
  const start = async ({ plan, server }: Entry): Promise<void> => {
    try {
      if (plan.after !== undefined) await startByName.get(plan.after);
      await steps.time(`${plan.title} ready`, () => server.start(either), plan.address);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  // Entries stand in the order in which they need each other.
  for (const entry of entries) {
    const begun = start(entry);
    starts.push(begun);
    startByName.set(entry.plan.name, begun);
  }
  const outcomes = await Promise.allSettled(starts);
  if (outcomes.every(({ status }) => status === 'fulfilled')) return;
  throw signal?.aborted ? signal.reason : failed.signal.reason;
}
