import { setMaxListeners } from 'node:events';
import { outMessageBytes, type OutMessage } from './out-message.js';
import type { SendResult } from './producer.options.js';
import { KafkaSendError } from './send-error.js';

/** One call of `send` that waits for its answer. Settles once; later settlements are ignored. */
export class PendingSend {
  readonly promise: Promise<SendResult>;
  private resolvePromise!: (result: SendResult) => void;
  private rejectPromise!: (error: unknown) => void;
  private open = true;
  private readonly onAbort = (): void => this.reject(abortedError(this.signal?.reason));

  constructor(
    readonly messages: readonly OutMessage[],
    private readonly signal: AbortSignal | undefined,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolvePromise = resolve;
      this.rejectPromise = reject;
    });
    if (signal?.aborted) this.onAbort();
    else if (signal) this.listenTo(signal);
  }

  /** false once the caller has an answer, be it that it gave up waiting */
  get waiting(): boolean {
    return this.open;
  }

  bytes(): number {
    let sum = 0;
    for (const message of this.messages) sum += outMessageBytes(message);
    return sum;
  }

  resolve(result: SendResult): void {
    if (this.settle()) this.resolvePromise(result);
  }

  reject(error: unknown): void {
    if (this.settle()) this.rejectPromise(error);
  }

  private listenTo(signal: AbortSignal): void {
    // One signal for all sends of a job is how this is used; each send takes its listener off when it is settled.
    setMaxListeners(Infinity, signal);
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  private settle(): boolean {
    if (!this.open) return false;
    this.open = false;
    this.signal?.removeEventListener('abort', this.onAbort);
    return true;
  }
}

function abortedError(reason: unknown): KafkaSendError {
  return new KafkaSendError(
    'aborted',
    'The caller stopped waiting for Kafka; the records may be stored or not, send them again to be sure',
    true,
    reason,
  );
}
