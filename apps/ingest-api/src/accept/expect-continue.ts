import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** As Node decides whether a request asks for leave to send its body. */
const ASKS = /(?:^|\W)100-continue(?:$|\W)/i;

const asksToContinue = ({ headers, httpVersion }: IncomingMessage): boolean =>
  httpVersion === '1.1' && headers.expect !== undefined && ASKS.test(headers.expect);

/** Routes a request with `Expect: 100-continue` as every other one, before its sender is told to go on. */
export function routeBeforeContinue(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
}

/** Tells a sender that asked for it to go on. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (asksToContinue(request) && !response.headersSent) response.writeContinue();
}

/**
 * The body, of which the sender is told to go on when it is first read. Whatever refuses the request before that is
 * answered first, and its sender is spared the upload.
 */
export async function* continuedOnRead(
  body: AsyncIterable<Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): AsyncGenerator<Buffer, void> {
  sendContinue(request, response);
  yield* body;
}
