import { wait } from '@orderstream/resilience';
import { ApiClient, type JsonAnswer } from './api-client.js';
import { eventually } from './eventually.js';
import { numberedOrder, orderId, orderIds, ordersCsv } from './orders.js';
import type { Sandbox } from './sandbox.js';

/** Requests with one order under way at the same time. */
const CALLERS = 8;
const ROWS_PER_FILE = 10;
const STATUS_TAKEN = 202;
const ASK_EVERY_MS = 50;

/**
 * Callers who post one order after the other, each with a number of its own, until they are told to stop. With `files`, two
 * more who need Cassandra: one uploads small files, one reads the jobs of these and orders back.
 */
export class OrderLoad {
  /** ids of the orders that were answered with success */
  readonly acknowledged = new Set<string>();
  /** what any other request was answered with */
  readonly failures: string[] = [];
  /** files taken, and questions answered */
  files = 0;
  answers = 0;
  private readonly stopping = new AbortController();
  private readonly stoppingFiles = new AbortController();
  private readonly callers: Promise<void>[];
  private readonly fileCallers: Promise<void>[] = [];
  private lastJobId: string | undefined;
  private lastOrderId: string | undefined;
  private next = 0;

  private constructor(
    private readonly api: ApiClient,
    private readonly prefix: string,
    withFiles: boolean,
  ) {
    this.callers = Array.from({ length: CALLERS }, () => this.call());
    if (withFiles) this.fileCallers = [this.sendFiles(), this.ask()];
  }

  static on(world: Sandbox, { prefix = 'load', files = false } = {}): OrderLoad {
    return new OrderLoad(new ApiClient(world.api.url), prefix, files);
  }

  async untilAcknowledged(count: number, timeoutMs = 120_000): Promise<void> {
    const look = () => Promise.resolve(this.acknowledged.size >= count);
    await eventually(look, { timeoutMs, what: `${count} orders acknowledged` });
  }

  /** Resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.stopFiles(), ...this.callers]);
  }

  /** Only single orders go on. */
  async stopFiles(): Promise<void> {
    this.stoppingFiles.abort();
    await Promise.all(this.fileCallers);
  }

  private async call(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const n = this.next++;
      const body = JSON.stringify(numberedOrder(n, {}, this.prefix));
      if (!(await this.isAnswered(this.api.post(body, '?stream=orders', 'application/json'), [STATUS_TAKEN]))) continue;
      this.lastOrderId = orderId(n, this.prefix);
      this.acknowledged.add(this.lastOrderId);
    }
  }

  private async sendFiles(): Promise<void> {
    while (!this.stoppingFiles.signal.aborted) {
      const from = this.next;
      this.next += ROWS_PER_FILE;
      const upload = this.api.post<{ id: string }>(ordersCsv(from, this.next, this.prefix), '?stream=orders');
      if (!(await this.isAnswered(upload, [STATUS_TAKEN]))) continue;
      this.lastJobId = (await upload).body.id;
      this.files++;
      for (const id of orderIds(from, from + ROWS_PER_FILE, this.prefix)) this.acknowledged.add(id);
    }
  }

  /** An order that is still on its way may not be there yet. */
  private async ask(): Promise<void> {
    while (!this.stoppingFiles.signal.aborted) {
      const [order, job] = [this.lastOrderId, this.lastJobId];
      if (order !== undefined && (await this.isAnswered(this.api.get(`/orders/${order}`), [200, 404]))) this.answers++;
      if (job !== undefined && (await this.isAnswered(this.api.get(`/jobs/${job}`), [200]))) this.answers++;
      await wait(ASK_EVERY_MS);
    }
  }

  private async isAnswered(request: Promise<JsonAnswer<unknown>>, expected: readonly number[]): Promise<boolean> {
    const told = await request.then(
      ({ status, body }) => (expected.includes(status) ? undefined : `${status} ${JSON.stringify(body)}`),
      (error: unknown) => String(error),
    );
    if (told !== undefined) this.failures.push(told);
    return told === undefined;
  }
}
