import type { JobView, Page, Problem } from '@orderstream/contracts';
import type { RunningServer } from '@orderstream/stack';
import { ApiClient } from '../api-client.js';
import { eventually } from '../eventually.js';
import { KafkaTopics } from '../kafka-topics.js';
import { countsClose, jsonField } from '../ledger.js';
import { numberedOrder, orderId, orderIds, orderLine, ordersCsv } from '../orders.js';
import { duringOutage, stopwatch, type OutageKind } from '../outage.js';
import type { Sandbox } from '../sandbox.js';
import { checkOrders } from './killed-sink.js';

export interface OutageOptions {
  readonly kind: OutageKind;
  /** the store is away at least this long */
  readonly outageMs: number;
  /** records per second of the run that goes on all the time */
  readonly rate: number;
}

/** What a caller was told while the store was away. */
export interface SeenDuringOutage {
  /** ms until `GET /health` said so, with 200 all the time; null: it did not, within 30 s */
  readonly degradedAfterMs: number | null;
  readonly newUpload: { readonly status: number; readonly code: string; readonly retryAfter: string | null };
  readonly singleRecords: readonly number[];
  readonly order: number;
  readonly sinkLive: number;
}

export interface OutageFigures {
  readonly outageMs: number;
  readonly seen: SeenDuringOutage;
  readonly deadLetters: number;
  /** from the moment the store is back until everything that was published before is stored */
  readonly caughtUpMs: number;
  readonly run: JobView;
  readonly upload: JobView;
  readonly stored: number;
}

const DEGRADED_WITHIN_MS = 30_000;

/**
 * Takes the store away while a run generates orders and an upload is being received, and brings it back. Everything
 * that was taken must be stored without anyone doing anything. Throws LedgerError.
 */
export async function takeStoreAway(
  world: Sandbox,
  cassandra: RunningServer,
  options: OutageOptions,
): Promise<OutageFigures> {
  const { kind, outageMs, rate } = options;
  const api = new ApiClient(world.api.url);
  const count = Math.ceil((rate * (outageMs + 10_000)) / 1000);
  const started = await api.get<JobView>(`/generate?rate=${rate}&count=${count}&seed=outage`);
  const open = slowUpload();
  const upload = api.upload(open.body);
  upload.catch(() => undefined); // told where it is awaited, below
  await eventually(
    async () => (await api.get<Page<JobView>>('/jobs')).body.items.some(({ kind: of }) => of === 'upload'),
    {
      what: 'the upload being received',
    },
  );
  await KafkaTopics.on(world.options.brokers).untilCommitted(world.id, world.topic('orders'), rate);

  const away = stopwatch();
  const seen = await duringOutage(cassandra, kind, async () => {
    const told = await askAround(world, api);
    open.end();
    await eventually(async () => away.elapsedMs() >= outageMs, {
      timeoutMs: outageMs + 1_000,
      what: 'the outage over',
    });
    return told;
  });
  const lengthMs = away.elapsedMs();
  const caughtUpMs = await untilCaughtUp(world);
  const run = await api.settled(started.body.id);
  const settledUpload = await api.settled((await upload).id);
  [run, settledUpload].forEach(countsClose);
  const stored = await checkOrders(world, await idsOf(world));
  const { open: deadLetters } = await api.letterGroups();
  return { outageMs: lengthMs, seen, deadLetters, caughtUpMs, run, upload: settledUpload, stored };
}

/** Two thousand rows of a body that stays open until `end()`; then the last row comes. */
function slowUpload(): { body: ReadableStream<Uint8Array>; end: () => void } {
  let end = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(ordersCsv(0, 2_000, 'slow')));
      end = () => {
        controller.enqueue(Buffer.from(`${orderLine(2_000, {}, 'slow')}\n`));
        controller.close();
      };
    },
  });
  return { body, end: () => end() };
}

async function askAround(world: Sandbox, api: ApiClient): Promise<SeenDuringOutage> {
  const single = (n: number) =>
    api.post(JSON.stringify(numberedOrder(n, {}, 'single')), '?stream=orders', 'application/json');
  const first = await single(0);
  const degradedAfterMs = await untilDegraded(api);
  const refused = await api.post<Problem>(ordersCsv(0, 10, 'refused'));
  const second = await single(1);
  return {
    degradedAfterMs,
    newUpload: { status: refused.status, code: refused.body.code, retryAfter: refused.headers.get('retry-after') },
    singleRecords: [first.status, second.status],
    order: (await api.get(`/orders/${orderId(0, 'single')}`)).status,
    sinkLive: (await fetch(`${world.sink.url}/health/live`)).status,
  };
}

async function untilDegraded(api: ApiClient): Promise<number | null> {
  const since = stopwatch();
  const look = async (): Promise<boolean> => {
    const { status, body } = await api.get<{ degraded: boolean }>('/health');
    return status === 200 && body.degraded;
  };
  return eventually(look, { timeoutMs: DEGRADED_WITHIN_MS, everyMs: 100 }).then(
    () => since.elapsedMs(),
    () => null,
  );
}

async function untilCaughtUp(world: Sandbox): Promise<number> {
  const since = stopwatch();
  const topics = KafkaTopics.on(world.options.brokers);
  await topics.untilCommitted(world.id, world.topic('orders'), await topics.length(world.topic('orders')), 180_000);
  return since.elapsedMs();
}

/** Whatever was acknowledged is in the topic; single records and the slow upload are known besides. */
async function idsOf(world: Sandbox): Promise<Set<string>> {
  const ids = new Set([...orderIds(0, 2_001, 'slow'), ...orderIds(0, 2, 'single')]);
  const records = await KafkaTopics.on(world.options.brokers).read(world.topic('orders'));
  for (const record of records) ids.add(jsonField('order_id')(record));
  return ids;
}
