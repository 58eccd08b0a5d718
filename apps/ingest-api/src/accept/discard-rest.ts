import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_MS = 2_000;
const LOOK_EVERY_MS = 100;

/**
 * An answer given before the body has ended: the rest is read and discarded, so that an ordinary client sees the
 * answer and not a reset. This bounds it: after 8 MiB or 2 s the connection is closed.
 */
export function discardRest(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    request.resume(); // Node does so itself only for a body that nobody has begun to read
    const { socket } = request;
    const before = socket.bytesRead;
    const endsAt = Date.now() + MAX_MS;
    const timer = setInterval(() => {
      const spent = socket.bytesRead - before > MAX_BYTES || Date.now() > endsAt;
      if (spent && !request.complete) socket.destroy();
      if (spent || request.complete || socket.destroyed) clearInterval(timer);
    }, LOOK_EVERY_MS);
  });
}
