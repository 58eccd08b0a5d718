import type { RunningStack } from '../stack.js';
import type { AppProcess } from './app-process.js';

export interface Stopping {
  /** aborted by the first Ctrl-C (SIGINT, SIGTERM, SIGHUP) */
  readonly stop: AbortSignal;
  /** aborted 8 s after the stop began, or by a second Ctrl-C: whatever is left is killed */
  readonly hurry: AbortSignal;
  /** Begins the stop from within. */
  abort(): void;
}

const STOP_WITHIN_MS = 8_000;
/** The servers want what is left of the time. */
const APPS_GRACE_MS = 5_000;

export function onStopSignals(): Stopping {
  const stop = new AbortController();
  const hurry = new AbortController();
  const abort = () => {
    if (stop.signal.aborted) return;
    stop.abort(new Error('Stopped.'));
    setTimeout(() => hurry.abort(), STOP_WITHIN_MS).unref();
  };
  const onSignal = () => (stop.signal.aborted ? hurry.abort() : abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return { stop: stop.signal, hurry: hurry.signal, abort };
}

interface Stoppable {
  readonly stack?: RunningStack;
  readonly apps: readonly AppProcess[];
}

/** Applications first, so that they can finish their work on servers that still answer; then the servers of ours. */
export async function stopAll(
  { stack, apps }: Stoppable,
  hurry: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const begin = performance.now();
  if (!stack) return say('Stopped.');
  say('\nStopping …');
  await Promise.all(apps.map((app) => app.stop({ graceMs: APPS_GRACE_MS, hurry })));
  const servers = [stack.registry, stack.kafka, stack.cassandra].filter((server) => server !== undefined);
  const [ofRegistry, others] = [servers.filter(isRegistry), servers.filter((server) => !isRegistry(server))];
  for (const group of [ofRegistry, others]) {
    await Promise.all(group.filter(({ keep }) => !keep).map((server) => server.stop({ hurry })));
  }
  const kept = servers.filter(({ keep }) => keep).map(({ title }) => title);
  if (kept.length > 0) say(`Left running, as they were before: ${kept.join(', ')}. To stop: npm run stack -- down`);
  say(`Stopped in ${((performance.now() - begin) / 1000).toFixed(1)} s. The data is kept.`);
}

/** It is stopped while its Kafka still answers: it would try for long to take leave of one that is gone. */
const isRegistry = ({ name }: { readonly name: string }): boolean => name === 'registry';
