import type { Metrics } from './metrics.js';

interface HttpServer {
  addHook(
    name: 'onResponse',
    hook: (
      request: { method: string; routeOptions: { url?: string | undefined } },
      reply: { statusCode: number; elapsedTime: number },
      done: () => void,
    ) => void,
  ): unknown;
}

/** Counts and times every answer by its route (never by its address, which has ids in it). */
export function observeHttp(server: HttpServer, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.counters.httpRequests.inc({ method: request.method, route, status: String(reply.statusCode) });
    metrics.histograms.httpSeconds.observe({ method: request.method, route }, reply.elapsedTime / 1000);
    done();
  });
}
