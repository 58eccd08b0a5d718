import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { discardRest } from './discard-rest.js';
import { routeBeforeContinue, sendContinue } from './expect-continue.js';

interface HttpServer {
  readonly server: Server;
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage; readonly routeOptions: { readonly url?: string | undefined } },
      reply: { readonly raw: ServerResponse },
      done: () => void,
    ) => void,
  ): unknown;
}

/** Of these the body is asked for when it is first read. */
const READS_LATE: ReadonlySet<string> = new Set([
  '/ingest',
  '/jobs/:id/repair',
  '/dead-letters/redrive',
  '/dead-letters/discard',
]);

/**
 * How every route treats the body of a request: what is left of it when the answer is out is discarded within bounds, and
 * a sender that asks for leave to send it gets leave at once. `BodyIntake` gives it when the body is first read.
 */
export function mindBodies(server: HttpServer): void {
  routeBeforeContinue(server.server);
  server.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
    discardRest(raw, reply.raw);
    const { url } = routeOptions;
    if (url !== undefined && !READS_LATE.has(url)) sendContinue(raw, reply.raw);
    done();
  });
}
