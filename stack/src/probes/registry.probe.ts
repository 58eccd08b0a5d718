import type { Address } from './conversation.js';

/** Ready when the registry has read its data out of Kafka; it answers other questions before that. */
export async function probeRegistry({ host, port }: Address, timeoutMs: number): Promise<void> {
  const url = `http://${host}:${port}/health/ready`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}
