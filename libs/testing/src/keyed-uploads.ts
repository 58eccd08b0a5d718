import type { JobView } from '@orderstream/contracts';
import { wait } from '@orderstream/resilience';
import { ApiClient } from './api-client.js';
import { ORDER_HEADER, orderId, orderLine } from './orders.js';
import type { Sandbox } from './sandbox.js';

const RETRY_MS = 500;
/** Of the rows of an upload, one in so many updates an order of an earlier upload. */
const UPDATES = 10;

export interface KeyedUploadsOptions {
  readonly rowsPerSecond: number;
  readonly rowsPerUpload: number;
  /** picks which earlier orders are updated */
  readonly random: () => number;
}

/** A careful caller: files of orders at a steady rate, each with an Idempotency-Key and sent again until it is taken. */
export class KeyedUploads {
  /** ids of every order that was sent */
  readonly ids = new Set<string>();
  readonly jobIds: string[] = [];
  /** requests that were not answered with success, and sent again */
  retries = 0;
  private next = 0;

  constructor(
    private readonly world: Sandbox,
    private readonly options: KeyedUploadsOptions,
  ) {}

  /** Sends until told to stop; resolves when the last file is taken. A caller that is behind sends one after the other. */
  async run(stop: AbortSignal): Promise<void> {
    const everyMs = (this.options.rowsPerUpload * 1000) / this.options.rowsPerSecond;
    for (let due = performance.now(); !stop.aborted; due = Math.max(due + everyMs, performance.now() - everyMs)) {
      await this.sendUntilTaken(this.file(), `chaos-${this.jobIds.length}`);
      await wait(Math.max(0, due + everyMs - performance.now()), stop).catch(() => undefined);
    }
  }

  private file(): string {
    const lines = [ORDER_HEADER];
    for (let row = 0; row < this.options.rowsPerUpload; row++) {
      const isUpdate = this.next > 0 && row % UPDATES === 0;
      const n = isUpdate ? Math.floor(this.options.random() * this.next) : this.next++;
      lines.push(orderLine(n, isUpdate ? { product: `Update ${this.jobIds.length}` } : {}, 'chaos'));
      this.ids.add(orderId(n, 'chaos'));
    }
    return `${lines.join('\n')}\n`;
  }

  private async sendUntilTaken(csv: string, key: string): Promise<void> {
    const api = new ApiClient(this.world.api.url);
    for (;;) {
      const answer = await api
        .post<JobView>(csv, '?stream=orders', 'text/csv', { 'idempotency-key': key })
        .catch(() => undefined);
      if (answer?.status === 202 || answer?.status === 200) {
        this.jobIds.push(answer.body.id);
        return;
      }
      this.retries++;
      await wait(RETRY_MS);
    }
  }
}
