import type { JobView } from '@orderstream/contracts';
import { ApiClient } from '../api-client.js';
import { eventually } from '../eventually.js';
import type { FaultProxy } from '../fault-proxy.js';
import { KafkaTopics } from '../kafka-topics.js';
import { countsClose } from '../ledger.js';
import { median } from '../median.js';
import { numberedOrder, ordersCsv } from '../orders.js';
import { stopwatch } from '../outage.js';
import type { Sandbox } from '../sandbox.js';

export interface SlowStoreOptions {
  /** records per second that the run asks for */
  readonly rate: number;
  readonly runRows: number;
  readonly uploadRows: number;
  readonly delayMs: number;
  /** how long the store answers late */
  readonly slowForMs: number;
}

export interface SlowStoreFigures {
  /** records that wait for the sink, the most that was seen in Kafka */
  readonly mostLagRows: number;
  /** records stored per second: once steady before the delay, its last 5 s, and the best 5 s of the 10 s after it */
  readonly storedPerSecond: { readonly before: number; readonly slow: number; readonly after: number };
  readonly singles: { readonly acknowledgedMs: readonly number[]; readonly readableMs: readonly number[] };
  readonly run: JobView;
  readonly upload: JobView;
}

const LOOK_MS = 500;
const WINDOW_LOOKS = 10;
/** The rate is steady when so many windows in a row differ by no more than this share of the greatest. */
const STEADY = { windows: 3, share: 0.15 } as const;
/** Windows after which the rate is taken as it is. */
const MOST_WINDOWS = 8;

/** A run and an upload while the store, behind the proxy, answers late for a while. Throws LedgerError. */
export async function slowTheStore(
  world: Sandbox,
  proxy: FaultProxy,
  options: SlowStoreOptions,
): Promise<SlowStoreFigures> {
  const api = new ApiClient(world.api.url);
  // The upload first: where the run has filled the bound already, a new one is told to come later.
  const upload = api.upload(ordersCsv(0, options.uploadRows, 'slow'));
  upload.catch(() => undefined); // told where it is awaited, below
  const started = await api.get<JobView>(`/generate?rate=${options.rate}&count=${options.runRows}&seed=slow`);
  const watch = new Watch(world);
  const before = await watch.steadyRate();

  proxy.delayAnswers(options.delayMs);
  const slowFor = stopwatch();
  const singles: { acknowledgedMs: number; readableMs: Promise<number> }[] = [];
  for (let n = 0; slowFor.elapsedMs() < options.slowForMs; n++) {
    singles.push(await single(api, n));
    await watch.looks(4);
  }
  const slow = watch.rate(WINDOW_LOOKS);
  proxy.delayAnswers(0);
  let after = 0;
  for (let look = 0; look < 2 * WINDOW_LOOKS; look++) {
    await watch.looks(1);
    if (look >= WINDOW_LOOKS - 1) after = Math.max(after, watch.rate(WINDOW_LOOKS));
  }
  const readableMs = await Promise.all(singles.map((each) => each.readableMs));
  const [run, uploaded] = [await api.settled(started.body.id, 900_000), await api.settled((await upload).id, 900_000)];
  [run, uploaded].forEach(countsClose);
  const acknowledgedMs = singles.map((each) => each.acknowledgedMs);
  const mostLagRows = watch.mostLag;
  return {
    mostLagRows,
    storedPerSecond: { before, slow, after },
    singles: { acknowledgedMs, readableMs },
    run,
    upload: uploaded,
  };
}

/** How long until Kafka has an order, and until the table has it. */
async function single(api: ApiClient, n: number): Promise<{ acknowledgedMs: number; readableMs: Promise<number> }> {
  const since = stopwatch();
  const order = numberedOrder(n, {}, 'single');
  const { status } = await api.post(JSON.stringify(order), '?stream=orders', 'application/json');
  if (status !== 202) throw new Error(`a single order was answered with ${status}`);
  const acknowledgedMs = since.elapsedMs();
  const readable = async () => (await api.get(`/orders/single-${n}`)).status === 200 || undefined;
  const what = `order single-${n} readable`;
  const readableMs = eventually(readable, { timeoutMs: 300_000, everyMs: 100, what }).then(() => since.elapsedMs());
  readableMs.catch(() => undefined); // told where it is awaited
  return { acknowledgedMs, readableMs };
}

/** The sink's lag, as Kafka has it, and its progress, as its own metrics say. */
class Watch {
  mostLag = 0;
  private readonly stored: { readonly atMs: number; readonly rows: number }[] = [];
  private readonly topics: KafkaTopics;

  constructor(private readonly world: Sandbox) {
    this.topics = KafkaTopics.on(world.options.brokers);
  }

  /** Looks until the rate is steady, 40 s at most; the median of the last windows. */
  async steadyRate(): Promise<number> {
    const rates: number[] = [];
    while (rates.length < MOST_WINDOWS && !isSteady(rates.slice(-STEADY.windows))) {
      await this.looks(WINDOW_LOOKS);
      if (this.stored.length > WINDOW_LOOKS) rates.push(this.rate(WINDOW_LOOKS));
    }
    return median(rates.slice(-STEADY.windows));
  }

  async looks(count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      const next = performance.now() + LOOK_MS;
      const sink = await this.metrics(this.world.sink.url);
      this.stored.push({ atMs: performance.now(), rows: sumOf(sink, 'orderstream_rows_stored_total') });
      this.mostLag = Math.max(this.mostLag, await this.topics.lag(this.world.id, this.world.topic('orders')));
      await eventually(() => Promise.resolve(performance.now() >= next || undefined), {
        timeoutMs: 2 * LOOK_MS,
        everyMs: 20,
        what: 'the next look',
      });
    }
  }

  /** Records per second over the last so many looks. */
  rate(looks: number): number {
    const [first, last] = [this.stored.at(-1 - looks)!, this.stored.at(-1)!];
    return Math.round(((last.rows - first.rows) * 1000) / (last.atMs - first.atMs));
  }

  private async metrics(url: string): Promise<string> {
    return (await fetch(`${url}/metrics`)).text();
  }
}

const isSteady = (rates: readonly number[]): boolean =>
  rates.length === STEADY.windows && Math.max(...rates) - Math.min(...rates) <= STEADY.share * Math.max(...rates);

/** Sum of all series of a metric in the exposition text. */
function sumOf(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
