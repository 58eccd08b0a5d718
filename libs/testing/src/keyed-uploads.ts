import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { ApiClient } from './api-client.js';
import { numberedOrder, ORDER_HEADER } from './orders.js';
import type { Sandbox } from './sandbox.js';

const RETRY_MS = 500;
/** A request that is not answered by then is sent again. */
const REQUEST_MS = 120_000;
/** Once told to stop, a file that is not taken by then is a failure: everything is back. */
const LAST_FILE_MS = 300_000;
/** Of the rows of an upload, one in so many updates an order of an earlier upload. */
const UPDATES = 10;

export interface KeyedUploadsOptions {
  readonly rowsPerSecond: number;
  readonly rowsPerUpload: number;
  /** picks which earlier orders are updated */
  readonly random: () => number;
  /** of order ids and keys; callers at the same time have different ones. Default: chaos */
  readonly prefix?: string;
}

/** A careful caller: files of orders at a steady rate, each with an Idempotency-Key and sent again until it is taken. */
export class KeyedUploads {
  /** of every order that was sent, by its id: the product of its newest row */
  readonly productById = new Map<string, string>();
  readonly jobIds: string[] = [];
  /** requests that were not answered with success, and sent again */
  retries = 0;
  private next = 0;
  private readonly prefix: string;

  constructor(
    private readonly world: Sandbox,
    readonly options: KeyedUploadsOptions,
  ) {
    this.prefix = options.prefix ?? 'chaos';
  }

  /**
   * Sends until told to stop; resolves when the last file is taken, rejects when it is not taken within five minutes. A
   * caller that is behind sends one after the other.
   */
  async run(stop: AbortSignal): Promise<void> {
    const everyMs = (this.options.rowsPerUpload * 1000) / this.options.rowsPerSecond;
    for (let due = performance.now(); !stop.aborted; due = Math.max(due + everyMs, performance.now() - everyMs)) {
      await this.sendUntilTaken(this.file(), `${this.prefix}-${this.jobIds.length}`, stop);
      await wait(Math.max(0, due + everyMs - performance.now()), stop).catch(() => undefined);
    }
  }

  private file(): string {
    const lines = [ORDER_HEADER];
    for (let row = 0; row < this.options.rowsPerUpload; row++) {
      const isUpdate = this.next > 0 && row % UPDATES === 0;
      const n = isUpdate ? Math.floor(this.options.random() * this.next) : this.next++;
      const order = numberedOrder(n, isUpdate ? { product: `Update ${this.jobIds.length}` } : {}, this.prefix);
      lines.push(Object.values(order).join(','));
      this.productById.set(String(order['order_id']), String(order['product']));
    }
    return `${lines.join('\n')}\n`;
  }

  private async sendUntilTaken(csv: string, key: string, stop: AbortSignal): Promise<void> {
    const api = new ApiClient(this.world.api.url, REQUEST_MS);
    for (let giveUpAt = Infinity; ;) {
      const answer = await api
        .post<JobView>(csv, '?stream=orders', 'text/csv', { 'idempotency-key': key })
        .catch((error: unknown) => ({ status: 0, body: { id: String(error) } }));
      if (answer.status === 202 || answer.status === 200) {
        this.jobIds.push(answer.body.id);
        return;
      }
      if (stop.aborted) giveUpAt = Math.min(giveUpAt, performance.now() + LAST_FILE_MS);
      if (performance.now() > giveUpAt) throw new Error(`upload ${key} is not taken: ${JSON.stringify(answer)}`);
      this.retries++;
      await wait(RETRY_MS);
    }
  }
}
