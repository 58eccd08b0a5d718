import type { Servers } from '../servers.ts';
import type { Subject } from '../subject.ts';
import { turnBetween, type Turn } from '../turn.ts';

/** What the processes and servers used while the work ran; its own clock says how long that was. */
export async function turnOf(
  { servers, subjects, rows }: { servers: Servers; subjects: readonly Subject[]; rows: number },
  work: () => Promise<{ readonly ms: number }>,
): Promise<Turn> {
  const cpuSeconds = (): number => subjects.reduce((sum, subject) => sum + subject.usage().cpuSeconds, 0);
  const first = { atMicros: 0, rows: 0, cpuSeconds: cpuSeconds(), servers: servers.cpu() };
  const { ms } = await work();
  return turnBetween(first, { atMicros: ms * 1000, rows, cpuSeconds: cpuSeconds(), servers: servers.cpu() });
}

/** Runs the work and returns what it does; throws unless the topic has grown by exactly `rows`. */
export async function publishing<T>(
  servers: Servers,
  { topic, rows }: { readonly topic: string; readonly rows: number },
  work: () => Promise<T>,
): Promise<T> {
  const before = await lengthOf(servers, topic);
  const done = await work();
  const published = (await lengthOf(servers, topic)) - before;
  if (published !== rows) throw new Error(`${topic} got ${published} records instead of ${rows}`);
  return done;
}

async function lengthOf(servers: Servers, topic: string): Promise<number> {
  const { ends } = await servers.offsets(topic);
  return [...ends.values()].reduce((sum, end) => sum + end, 0);
}
