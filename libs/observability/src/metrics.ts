import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { COUNTERS, GAUGES, HISTOGRAMS } from './metric-catalogue.js';

/** Injection token of the metrics of an application. */
export const METRICS = Symbol('metrics');

type Made<C, M> = { readonly [K in keyof C]: M };

export interface Metrics {
  readonly counters: Made<typeof COUNTERS, Counter>;
  readonly gauges: Made<typeof GAUGES, Gauge>;
  readonly histograms: Made<typeof HISTOGRAMS, Histogram>;
  /** The exposition text and its content type. */
  expose(): Promise<{ contentType: string; body: string }>;
}

/** All metrics of the catalogue and the process's own, on a registry of their own (so tests can have many). */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry, prefix: 'orderstream_' });
  const registers = [registry];
  return {
    counters: made(COUNTERS, ([name, help, labelNames]) => new Counter({ name, help, labelNames, registers })),
    gauges: made(GAUGES, ([name, help, labelNames]) => new Gauge({ name, help, labelNames, registers })),
    histograms: made(
      HISTOGRAMS,
      ([name, help, labelNames, buckets]) =>
        new Histogram({ name, help, labelNames, buckets: [...buckets], registers }),
    ),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

function made<C extends Record<string, readonly unknown[]>, M>(
  catalogue: C,
  make: (spec: C[keyof C]) => M,
): Made<C, M> {
  const entries = Object.entries(catalogue).map(([key, spec]) => [key, make(spec as C[keyof C])]);
  return Object.fromEntries(entries) as Made<C, M>;
}
