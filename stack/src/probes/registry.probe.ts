import type { Address } from './conversation.js';

/** Asks for the list of subjects: the registry has read its data when it answers. Rejects while it does not. */
export async function probeRegistry({ host, port }: Address, timeoutMs: number): Promise<void> {
  const url = `http://${host}:${port}/apis/ccompat/v7/subjects`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}
