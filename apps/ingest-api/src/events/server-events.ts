import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';

/** After so long without news a connection shows that it lives, ms. */
export const COMMENT_MS = 15_000;
/** What a browser waits before it connects again, ms. */
const RETRY_MS = 2_000;

/** The first thing on every stream of events. */
export const RETRY = `retry: ${RETRY_MS}\n\n`;
export const WAITING = ': waiting\n\n';

/** One event. Without an id the one before stays the last that a browser has seen. */
export const eventText = (name: string, data: unknown, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Aborts once the connection of this answer is closed, by whichever side. */
export function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.closed) gone.abort();
  else reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Sends events as they come, no faster than they are taken, until there are no more or the caller has gone. */
export async function sendEvents(reply: FastifyReply, events: AsyncGenerator<string>): Promise<void> {
  void reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('connection', 'close') // or it would stay open, idle, behind a server that is closing
    .header('x-accel-buffering', 'no');
  await reply.send(Readable.from(events, { objectMode: false }));
}
