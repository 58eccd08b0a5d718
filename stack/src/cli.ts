import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { acquireLock, lockHolder, LockHeldError } from './process/lock.js';
import { tailLines } from './process/log-tail.js';
import { loadDotEnv } from './start/dot-env.js';
import { attachStack, startStack, wipeStack } from './stack.js';
import type { StackOptions } from './stack-options.js';
import { stackOptionsFrom } from './stack-settings.js';
import { stackStatus } from './stack-status.js';

const USAGE = `npm run stack -- up      start Kafka and Cassandra and leave them running (--registry: a schema registry too)
npm run stack -- down    stop them; the data stays
npm run stack -- status  say what runs
npm run stack -- logs    show the end of their logs (-f: and go on)
npm run stack -- wipe    remove data and logs of the stopped stack`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One `up`, `down` or `wipe` at a time, and none under a running `npm start`. */
async function alone(options: StackOptions, purpose: string, work: () => Promise<void>): Promise<void> {
  const lock = acquireLock(join(options.dir, 'start.lock'), purpose);
  try {
    await work();
  } finally {
    lock.release();
  }
}

async function up(options: StackOptions): Promise<void> {
  const cancelled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => cancelled.abort(new Error(`Stopped by ${signal}.`)));
  }
  const stack = await startStack({ ...options, keep: true, log: say, signal: cancelled.signal });
  const registry = stack.registryUrl === '' ? '' : `\nSCHEMA_REGISTRY_URL=${stack.registryUrl}`;
  say(`\nKAFKA_BROKERS=${stack.brokers}\nCASSANDRA_CONTACT_POINTS=${stack.contactPoints}${registry}\n`);
  say('They go on running. npm run stack -- down stops them.');
}

async function down(options: StackOptions): Promise<void> {
  const running = (await stackStatus(options.dir)).filter(({ pid }) => pid !== undefined);
  if (running.length === 0) return say('Nothing runs.');
  await (await attachStack(options.dir)).stop();
  say(`Stopped ${running.map(({ title }) => title).join(' and ')}. The data is in ${options.dir}.`);
}

async function status(options: StackOptions): Promise<void> {
  const holder = lockHolder(join(options.dir, 'start.lock'));
  if (holder) say(`${holder.purpose} (pid ${holder.pid})`);
  const servers = await stackStatus(options.dir);
  for (const { title, address, pid, ready, startedAt, logFile } of servers) {
    const state = pid === undefined ? 'stopped' : `${ready ? 'ready' : 'not ready'}  pid ${pid}  since ${startedAt}`;
    say(`${title.padEnd(10)} ${address}  ${state}  ${logFile}`);
  }
  if (servers.length === 0) say(`No stack was started in ${options.dir} yet.`);
  if (servers.length === 0 || servers.some(({ ready }) => !ready)) process.exitCode = 3;
}

async function logs(options: StackOptions, follow: boolean): Promise<void> {
  const files = (await stackStatus(options.dir)).map(({ logFile }) => logFile);
  if (files.length === 0) return say(`No stack was started in ${options.dir} yet.`);
  if (follow) return void spawn('tail', ['-n', '20', '-F', ...files], { stdio: 'inherit' });
  for (const file of files) say([`==> ${file}`, ...tailLines(file, 50), ''].join('\n'));
}

async function main([command, ...rest]: readonly string[]): Promise<void> {
  loadDotEnv();
  const options = stackOptionsFrom(process.env);
  if (command === 'up') {
    const registry = rest.includes('--registry');
    return alone(options, 'npm run stack -- up', () => up({ ...options, registry }));
  }
  if (command === 'down') return alone(options, 'npm run stack -- down', () => down(options));
  if (command === 'wipe') return alone(options, 'npm run stack -- wipe', () => wipeStack(options.dir));
  if (command === 'status') return status(options);
  if (command === 'logs') return logs(options, rest.includes('-f'));
  say(USAGE);
  if (command !== undefined && command !== 'help' && command !== '--help') process.exitCode = 2;
}

// `npm run stack -- logs | head` closes our output early; that is no failure.
process.stdout.on('error', () => {});

main(process.argv.slice(2)).catch((error: unknown) => {
  const hint =
    error instanceof LockHeldError && error.holder.purpose === 'npm start'
      ? ' It owns these servers: stop it with Ctrl-C.'
      : '';
  process.stderr.write(`${(error as Error).message}${hint}\n`);
  process.exitCode = 1;
});
