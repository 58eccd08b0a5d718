import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_MS = 2_000;
const LOOK_EVERY_MS = 100;

/**
 * An answer given before the body has ended: the rest is read and discarded, so that an ordinary client sees the
 * answer and not a reset. This bounds it: after 8 MiB or 2 s the connection is closed. To be called before the body is
 * read, whoever is to answer.
 */
export function discardRest(request: IncomingMessage, response: ServerResponse): void {
  // Before Node's own listener, which closes the connection at once when one side has asked for `Connection: close`.
  response.prependOnceListener('finish', () => {
    if (request.complete || request.destroyed) return;
    closeWhenRead(request.socket);
    readOn(request);
    destroyWhenSpent(request);
  });
}

/** Whoever waits for the next chunk, as a reader that was stopped does, would hold the rest up for ever. */
function readOn(request: IncomingMessage): void {
  request.removeAllListeners('readable');
  request.on('data', () => undefined);
  request.resume();
}

/** The answer goes out and its side is closed; the other side stays open for what is still on its way. */
function closeWhenRead(socket: Socket): void {
  socket.destroySoon = () => void socket.end();
}

/** Everything was read. A connection that was to be closed is closed now; another one goes on. */
function closeAsUsual(socket: Socket): void {
  delete (socket as Partial<Socket>).destroySoon;
  if (socket.writableEnded) socket.destroySoon();
}

function destroyWhenSpent(request: IncomingMessage): void {
  const { socket } = request;
  const before = socket.bytesRead;
  const endsAt = Date.now() + MAX_MS;
  const timer = setInterval(() => {
    const isSpent = socket.bytesRead - before > MAX_BYTES || Date.now() > endsAt;
    if (!isSpent && !request.complete && !socket.destroyed) return;
    clearInterval(timer);
    if (request.complete) closeAsUsual(socket);
    else socket.destroy();
  }, LOOK_EVERY_MS);
}
