import { ApiClient } from './api-client.js';
import { eventually } from './eventually.js';
import { numberedOrder, orderId } from './orders.js';
import type { Sandbox } from './sandbox.js';

/** Requests under way at the same time. */
const CALLERS = 8;
const STATUS_TAKEN = 202;

/** Callers who post one order after the other, each with a number of its own, until they are told to stop. */
export class OrderLoad {
  /** ids of the orders that were answered with success */
  readonly acknowledged = new Set<string>();
  /** what any other request was answered with */
  readonly failures: string[] = [];
  private readonly stopping = new AbortController();
  private readonly callers: Promise<void>[];
  private next = 0;

  private constructor(
    private readonly api: ApiClient,
    private readonly prefix: string,
  ) {
    this.callers = Array.from({ length: CALLERS }, () => this.call());
  }

  static on(world: Sandbox, prefix = 'load'): OrderLoad {
    return new OrderLoad(new ApiClient(world.api.url), prefix);
  }

  async untilAcknowledged(count: number, timeoutMs = 120_000): Promise<void> {
    const look = () => Promise.resolve(this.acknowledged.size >= count);
    await eventually(look, { timeoutMs, what: `${count} orders acknowledged` });
  }

  /** Resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.callers);
  }

  private async call(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const n = this.next++;
      const body = JSON.stringify(numberedOrder(n, {}, this.prefix));
      const told = await this.api.post(body, '?stream=orders', 'application/json').then(
        ({ status, body: answer }) => (status === STATUS_TAKEN ? undefined : `${status} ${JSON.stringify(answer)}`),
        (error: unknown) => String(error),
      );
      if (told === undefined) this.acknowledged.add(orderId(n, this.prefix));
      else this.failures.push(told);
    }
  }
}
