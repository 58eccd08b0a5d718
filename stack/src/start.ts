import { join, relative } from 'node:path';
import { REPO_ROOT } from './paths.js';
import { acquireLock, LockHeldError } from './process/lock.js';
import { describeExit, type RunningServer } from './servers/running-server.js';
import { startStack, type RunningStack } from './stack.js';
import { stackOptionsFrom } from './stack-settings.js';
import { appAddresses, makeApps, makeRoom, startApp, type AppsContext } from './start/apps.js';
import type { AppProcess } from './start/app-process.js';
import { loadDotEnv } from './start/dot-env.js';
import { keepRunning, type Supervised } from './start/keep-running.js';
import { nextSteps } from './start/next-steps.js';
import { onStopSignals, stopAll } from './start/stopping.js';
import { StepLog } from './step-log.js';

/** `npm start`: Kafka, Cassandra and both applications, with `--registry` a schema registry too, kept running until Ctrl-C. */
async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter((arg) => arg !== '--registry');
  if (unknown.length > 0)
    throw new Error(`npm start does not know ${unknown.join(' ')}. It knows --registry: a schema registry too.`);
  loadDotEnv();
  const options = { ...stackOptionsFrom(process.env), registry: args.includes('--registry') };
  const context = { dir: options.dir, repoRoot: REPO_ROOT, env: process.env, addresses: appAddresses(process.env) };
  const lock = acquireLock(join(options.dir, 'start.lock'), 'npm start');
  const stopping = onStopSignals();
  const session: Session = { apps: [], supervised: [] };
  const begin = performance.now();
  try {
    await bringUp(session, context, stopping.stop);
    say(`\nReady after ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
    say(nextSteps({ ...context.addresses, logsDir: relative(REPO_ROOT, join(options.dir, 'logs')) }, REPO_ROOT));
    const kept = session.supervised.map((subject) => keepRunning(subject, { signal: stopping.stop, log: say }));
    // A restart under way ends by itself; the stop need not wait for it.
    await Promise.race([Promise.all(kept), aborted(stopping.stop)]);
  } catch (error) {
    if (!stopping.stop.aborted) throw error;
  } finally {
    stopping.abort();
    await stopAll(session, stopping.hurry, say);
    lock.release();
  }

  async function bringUp(into: Session, appsContext: AppsContext, signal: AbortSignal): Promise<void> {
    const steps = new StepLog(say);
    await makeRoom(appsContext, steps);
    const stack = await startStack({ ...options, log: say, signal });
    into.stack = stack;
    into.apps = makeApps(appsContext, stack, say);
    into.supervised = [
      ...[stack.kafka, stack.cassandra, stack.registry].filter((server) => server !== undefined).map(supervisedServer),
      ...into.apps,
    ];
    await Promise.all(into.apps.map((app) => startApp(app, steps, signal)));
  }
}

/** What is up so far, so that a start that is cut short can be undone. */
interface Session {
  stack?: RunningStack;
  apps: readonly AppProcess[];
  supervised: readonly Supervised[];
}

function supervisedServer(server: RunningServer): Supervised {
  return {
    title: server.title,
    address: server.address,
    get exited() {
      return server.exited;
    },
    why: describeExit,
    restart: (signal) => server.restart(signal),
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// A terminal that was closed is no reason to leave children behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** Servers that go on running are still being watched; that is over now. */
const leave = (): never => process.exit();

main(process.argv.slice(2)).then(leave, (error: unknown) => {
  const hint =
    error instanceof LockHeldError
      ? ' Stop it with Ctrl-C, or set STACK_DIR and the ports to others to have a second one.'
      : '';
  process.stderr.write(`\n${(error as Error).message}${hint}\n`);
  process.exitCode = 1;
  leave();
});
