import type { RunningServer } from '@orderstream/stack';

/** SIGKILL: gone, as by a power cut. SIGSTOP: there, and silent: a long pause of its garbage collector, a lost network. */
export type OutageKind = 'SIGKILL' | 'SIGSTOP';

/** Does `work` while the server is away, and brings it back whatever becomes of the work. */
export async function duringOutage<T>(server: RunningServer, kind: OutageKind, work: () => Promise<T>): Promise<T> {
  const { exited } = server;
  server.kill(kind);
  try {
    if (kind === 'SIGKILL') await exited;
    return await work();
  } finally {
    // A second try: on a crowded machine a start can take longer than it may, and everybody after us needs the server.
    if (kind === 'SIGKILL') await server.restart().catch(() => server.restart());
    else server.kill('SIGCONT');
  }
}

/** Ends once so many ms have gone by since it began, for outages of a length. */
export function stopwatch(): { elapsedMs(): number } {
  const startedAt = performance.now();
  return { elapsedMs: () => Math.round(performance.now() - startedAt) };
}
