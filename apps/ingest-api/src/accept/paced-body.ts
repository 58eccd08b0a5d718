import { ProblemError } from '@orderstream/contracts';

export interface UploadPace {
  /** bytes per second; 0 lets a sender take all the time there is */
  readonly minUploadRate: number;
  /** ms of reading over which the rate is measured */
  readonly uploadRateWindowMs: number;
}

/** What the time of reading was over before. */
const TIME_IS_UP = Symbol('time is up');

/**
 * The chunks of a body, as long as they come at the least rate. Only the time in which somebody waits for a chunk counts:
 * while flow control or Kafka hold the reader back, the sender may take as long as it takes. The rate is judged once per
 * window of such time. Throws ProblemError `upload_too_slow`, and what the body throws.
 */
export async function* paced(body: AsyncIterable<Buffer>, pace: UploadPace): AsyncGenerator<Buffer, void> {
  const chunks = body[Symbol.asyncIterator]();
  const window = new Window(pace);
  let isWaiting = false;
  try {
    for (;;) {
      isWaiting = true;
      const next = await window.within(chunks.next());
      isWaiting = false;
      if (next.done) return;
      window.count(next.value.length);
      yield next.value;
    }
  } finally {
    // A chunk that is still awaited may never come, and `return` would wait for it.
    if (!isWaiting) await chunks.return?.();
  }
}

class Window {
  private bytes = 0;
  private leftMs: number;

  constructor(private readonly pace: UploadPace) {
    this.leftMs = pace.uploadRateWindowMs;
  }

  count(bytes: number): void {
    this.bytes += bytes;
  }

  /** The outcome of `arriving`; throws at the end of a window in which too little came. */
  async within<T>(arriving: Promise<T>): Promise<T> {
    if (this.pace.minUploadRate === 0) return arriving;
    for (;;) {
      const outcome = await this.untilEnd(arriving);
      if (outcome !== TIME_IS_UP) return outcome;
      this.judge();
    }
  }

  private async untilEnd<T>(arriving: Promise<T>): Promise<T | typeof TIME_IS_UP> {
    const from = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<typeof TIME_IS_UP>((resolve) => {
      // What came while the process was busy elsewhere is seen before the verdict.
      const look = (): void => void setImmediate(resolve, TIME_IS_UP);
      timer = setTimeout(look, Math.max(0, this.leftMs));
    });
    try {
      return await Promise.race([arriving, end]);
    } finally {
      clearTimeout(timer);
      this.leftMs -= performance.now() - from;
    }
  }

  private judge(): void {
    const { minUploadRate, uploadRateWindowMs } = this.pace;
    const seconds = uploadRateWindowMs / 1000;
    if (this.bytes < minUploadRate * seconds) {
      const detail =
        `${this.bytes} bytes came in ${seconds} s of waiting for them; MIN_UPLOAD_RATE is ${minUploadRate} bytes per second. ` +
        'Send the body again; an upload with the same Idempotency-Key goes on where it stood.';
      throw new ProblemError('upload_too_slow', detail);
    }
    this.bytes = 0;
    this.leftMs = uploadRateWindowMs;
  }
}
