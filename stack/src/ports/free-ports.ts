import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { portOwner } from './port-owner.js';

/** A port that something is about to listen on, and the ways on when it is taken. */
export interface PortNeed {
  readonly port: number;
  /** what will listen there: `Kafka` */
  readonly purpose: string;
  /** the variable that moves it */
  readonly variable: string;
  /** assignment that uses what listens there already, when that is possible: `KAFKA_BROKERS=127.0.0.1:9092` */
  readonly useInstead?: string;
}

/** Some port is not free. The message names each, who has it, and the ways on. */
export class PortTakenError extends Error {
  constructor(readonly taken: readonly PortNeed[]) {
    super(taken.map(describe).join('\n'));
    this.name = 'PortTakenError';
  }
}

/** Throws `PortTakenError` unless every port can be listened on at `host` (default 127.0.0.1). */
export async function assertPortsFree(needs: readonly PortNeed[], host = '127.0.0.1'): Promise<void> {
  const free = await Promise.all(needs.map((need) => isFree(need.port, host)));
  const taken = needs.filter((_, i) => !free[i]);
  if (taken.length > 0) throw new PortTakenError(taken);
}

/** Below the range from which systems give ports to clients: a server that is away for a while finds its own again. */
const CHOICE = { least: 15_000, below: 32_000 } as const;
const CHOICES = 200;

/** So many different ports of 127.0.0.1 that nobody listens on now. Throws when it finds too few. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let choice = 0; ports.size < count; choice++) {
    if (choice > count + CHOICES) throw new Error(`${count} free ports cannot be found on 127.0.0.1`);
    const port = randomInt(CHOICE.least, CHOICE.below);
    if (!ports.has(port) && (await isFree(port, '127.0.0.1'))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => answer(true)));
  });
}

function describe(need: PortNeed): string {
  const owner = portOwner(need.port);
  const by = owner ? `process ${owner.pid} (${owner.command})` : 'a process that cannot be seen from here';
  const use = need.useInstead ? `set ${need.useInstead} to use what runs there, or ` : '';
  return `Port ${need.port}, which ${need.purpose} needs, is taken by ${by}. Either ${use}set ${need.variable} to a free port${use ? '' : ', or end that process'}.`;
}
