import {
  acquireLock,
  LockHeldError,
  REPO_ROOT,
  DEFAULT_JARS_DIR,
  attachStack,
  freePorts,
  stackStatus,
  startStack,
  wipeStack,
} from '@orderstream/stack';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * One real Kafka and one real Cassandra for the whole test run, empty at its start, on ports of their own.
 * TEST_STACK_KEEP=1 leaves them running, with their data, and the next run uses them again: seconds, not half a minute.
 */
const DIR = join(REPO_ROOT, '.orderstream', 'test');
const OPTIONS = { dir: DIR, jarsDir: DEFAULT_JARS_DIR };
/** Those of a stack that is kept, so that the next run finds it. Every other run takes ports that are free. */
const KEPT_PORTS = { kafkaPort: 19092, controllerPort: 19093, cqlPort: 19042, storagePort: 17000 };
const LOCK_FILE = join(REPO_ROOT, '.orderstream', 'test.lock');
const LOCK_WAIT_MS = 600_000;

export default async function startTestStack() {
  const keep = process.env.TEST_STACK_KEEP === '1';
  const lock = await lockedOnceFree();
  try {
    const stack = await freshOrKept(keep);
    exportTo(process.env, stack);
    globalThis.orderstreamTestStack = { stack, lock, keep };
  } catch (error) {
    lock.release();
    throw error;
  }
  // Runs that share a kept stack go on at the same time; a run that owns its stack keeps others out until it ends.
  if (keep) lock.release();
}

async function freshOrKept(keep) {
  const servers = await stackStatus(DIR);
  const healthy = servers.length === 2 && servers.every(({ ready }) => ready);
  if (!(keep && healthy)) {
    if (servers.length > 0) await (await attachStack(DIR)).stop();
    await wipeStack(DIR);
  }
  const javaHome = process.env.JAVA_HOME;
  return startStack({
    ...OPTIONS,
    ...(keep ? KEPT_PORTS : await ownPorts()),
    keep,
    log: (line) => process.stderr.write(`${line}\n`),
    ...(javaHome && { javaHome }),
  });
}

function exportTo(env, stack) {
  env.TEST_KAFKA_BROKERS = stack.brokers;
  env.TEST_CASSANDRA_CONTACT_POINTS = stack.contactPoints;
  env.TEST_STACK_DIR = DIR;
  env.TEST_CASSANDRA_LOG = stack.cassandra.logFile;
}

async function lockedOnceFree() {
  const until = Date.now() + LOCK_WAIT_MS;
  for (let told = false; ; told = true) {
    try {
      return acquireLock(LOCK_FILE, 'A test run');
    } catch (error) {
      if (!(error instanceof LockHeldError) || Date.now() > until) throw error;
      if (!told) process.stderr.write(`Waiting for another test run, pid ${error.holder.pid} …\n`);
      await delay(250);
    }
  }
}

async function ownPorts() {
  const [kafkaPort, controllerPort, cqlPort, storagePort] = await freePorts(4);
  return { kafkaPort, controllerPort, cqlPort, storagePort };
}
