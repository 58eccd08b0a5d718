import type { RunningServer } from '@orderstream/stack';
import { wait } from '@orderstream/resilience';
import type { AppProcess } from './app-process.js';
import type { ClusterLab } from './cluster-lab.js';
import type { FaultProxy } from './fault-proxy.js';
import type { Sandbox } from './sandbox.js';

/** One fault from its beginning to its end: what it hit is back when `work` resolves. */
export interface Fault {
  readonly name: string;
  readonly work: (forMs: number) => Promise<void>;
}

/** Numbers from 0 to below 1, the same for the same seed. Mulberry32, public domain, by Tommy Ettinger. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every card once in a random order, then all of them again in another. */
export class Deck<T> {
  private left: T[] = [];

  constructor(
    private readonly cards: readonly T[],
    private readonly random: () => number,
  ) {
    if (cards.length === 0) throw new RangeError('a deck has at least one card');
  }

  draw(): T {
    if (this.left.length === 0) this.left = [...this.cards];
    return this.left.splice(Math.floor(this.random() * this.left.length), 1)[0]!;
  }
}

/**
 * What can be done to the applications, brokers, nodes and connections of a lab, drawn so that each of the five has its
 * share however many faults it knows, and none of its faults comes again before all of them came.
 */
export function faultDeck(lab: ClusterLab, world: Sandbox, random: () => number): { draw(): Fault } {
  const { kafka, cassandra } = lab.cluster;
  const kinds = [
    [world.api, world.sink].flatMap(appFaults),
    kafka.flatMap(serverFaults),
    cassandra.flatMap(serverFaults),
    lab.kafkaProxies.flatMap((proxy, n) => proxyFaults(proxy, `Kafka ${n + 1}`)),
    lab.cassandraProxies.flatMap((proxy, n) => proxyFaults(proxy, `Cassandra ${n + 1}`)),
  ];
  const ofKinds = new Deck(
    kinds.map((faults) => new Deck(faults, random)),
    random,
  );
  return { draw: () => ofKinds.draw().draw() };
}

const appFaults = (app: AppProcess): Fault[] => [
  {
    name: `kill ${app.name}`,
    work: async () => {
      await app.kill();
      app.spawn();
      await app.ready(180_000);
    },
  },
  { name: `pause ${app.name}`, work: (forMs) => paused(forMs, (signal) => void process.kill(app.pid, signal)) },
];

const serverFaults = (server: RunningServer): Fault[] => [
  {
    name: `kill ${server.title}`,
    work: async (forMs) => {
      const { exited } = server;
      server.kill('SIGKILL');
      await exited;
      await wait(forMs);
      await server.restart().catch(() => server.restart());
    },
  },
  { name: `pause ${server.title}`, work: (forMs) => paused(forMs, (signal) => server.kill(signal)) },
];

const proxyFaults = (proxy: FaultProxy, of: string): Fault[] => [
  {
    name: `cut connections to ${of}`,
    work: async () => proxy.cut(),
  },
  {
    name: `delay answers of ${of}`,
    work: async (forMs) => {
      proxy.delayAnswers(200);
      await wait(forMs);
      proxy.heal();
    },
  },
  {
    name: `lose answers of ${of}`,
    work: async (forMs) => {
      proxy.loseAnswers();
      await wait(forMs);
      proxy.cut();
      proxy.heal();
    },
  },
  {
    name: `freeze connections to ${of}`,
    work: async (forMs) => {
      proxy.freeze();
      await wait(forMs);
      proxy.heal();
    },
  },
];

async function paused(forMs: number, tell: (signal: NodeJS.Signals) => void): Promise<void> {
  tell('SIGSTOP');
  try {
    await wait(forMs);
  } finally {
    tell('SIGCONT');
  }
}
