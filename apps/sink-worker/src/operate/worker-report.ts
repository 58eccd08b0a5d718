import { randomUUID } from 'node:crypto';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { WorkerRepository } from '@orderstream/cassandra';
import type { Log } from '@orderstream/observability';
import type { PartitionOrders } from './partition-orders.js';
import type { WorkerStatusSource } from './worker-status.js';

/** Three of these fit into the TTL of the row. */
const EVERY_MS = 2_000;

/**
 * Keeps this worker in the list that the API shows, and does what operators ordered on seeing it there. A worker that
 * ends takes itself off the list.
 */
export class WorkerReport implements BeforeApplicationShutdown {
  private readonly id = randomUUID();
  private timer: NodeJS.Timeout | undefined;
  private saying: Promise<void> | undefined;

  constructor(
    private readonly workers: WorkerRepository,
    private readonly source: WorkerStatusSource,
    private readonly orders: PartitionOrders,
    private readonly address: string,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.say(), EVERY_MS);
    this.say();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.saying;
    await this.workers.remove(this.id).catch(() => undefined); // its TTL takes it off
  }

  /** One at a time; while Cassandra is away there is nobody to tell. */
  private say(): void {
    this.saying ??= this.sayAndObey().finally(() => {
      this.saying = undefined;
    });
  }

  private async sayAndObey(): Promise<void> {
    await this.put();
    if ((await this.orders.carryOut()) > 0) await this.put();
  }

  private async put(): Promise<void> {
    try {
      const status = JSON.stringify(await this.source.now());
      await this.workers.put({ id: this.id, address: this.address, status });
    } catch (error) {
      this.log.debug({ reason: (error as Error).message }, 'the row of this worker could not be written');
    }
  }
}
