import type { JobView } from '@orderstream/contracts';
import { ApiClient } from '../api-client.js';
import { eventually } from '../eventually.js';
import type { FaultProxy } from '../fault-proxy.js';
import { countsClose } from '../ledger.js';
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
  /** records that wait, the most that was seen */
  readonly mostLagRows: number;
  /** records stored per second, the last 5 s before the delay, its last 5 s, and the best 5 s of the 10 s after it */
  readonly storedPerSecond: { readonly before: number; readonly slow: number; readonly after: number };
  readonly singles: { readonly acknowledgedMs: readonly number[]; readonly readableMs: readonly number[] };
  readonly run: JobView;
  readonly upload: JobView;
}

const LOOK_MS = 500;
const WINDOW_LOOKS = 10;

/** A run and an upload while the store, behind the proxy, answers late for a while. Throws LedgerError. */
export async function slowTheStore(
  world: Sandbox,
  proxy: FaultProxy,
  options: SlowStoreOptions,
): Promise<SlowStoreFigures> {
  const api = new ApiClient(world.api.url);
  const started = await api.get<JobView>(`/generate?rate=${options.rate}&count=${options.runRows}&seed=slow`);
  const upload = api.upload(ordersCsv(0, options.uploadRows, 'slow'));
  upload.catch(() => undefined); // told where it is awaited, below
  const watch = new Watch(world);
  await watch.looks(2 * WINDOW_LOOKS);
  const before = watch.rate(WINDOW_LOOKS);

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

/** Lag and progress of the sink, as its own metrics and the API's say. */
class Watch {
  mostLag = 0;
  private readonly stored: { readonly atMs: number; readonly rows: number }[] = [];

  constructor(private readonly world: Sandbox) {}

  async looks(count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      const next = performance.now() + LOOK_MS;
      const [api, sink] = await Promise.all([this.metrics(this.world.api.url), this.metrics(this.world.sink.url)]);
      this.mostLag = Math.max(this.mostLag, sumOf(api, 'orderstream_lag_total_rows'));
      this.stored.push({ atMs: performance.now(), rows: sumOf(sink, 'orderstream_rows_stored_total') });
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

/** Sum of all series of a metric in the exposition text. */
function sumOf(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
