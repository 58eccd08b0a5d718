/**
 * The parts of an ingest and nothing else: csv-parse → JSON → kafkajs, with the headers, keys, batch size and
 * acknowledgements of the product, without HTTP, Nest and checks.
 *
 * Argument: RawIngestSettings as JSON. Each message `{ file }` publishes that Olist-shaped file and is answered with
 * `{ rows, ms }` once Kafka has acknowledged all of it; runs until SIGTERM.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import kafkajs, { type Message } from 'kafkajs';
import { partitionOf } from '@orderstream/kafka';

export interface RawIngestSettings {
  readonly brokers: string;
  readonly topic: string;
}

export interface RawIngestAnswer {
  readonly rows: number;
  readonly ms: number;
}

const SEND_ROWS = 1_000;
const PARTITIONS = 3;
const COLUMNS = [
  ...['order_id', 'customer_id', 'order_status', 'order_purchase_timestamp', 'order_approved_at'],
  ...['order_delivered_carrier_date', 'order_delivered_customer_date', 'order_estimated_delivery_date'],
];
const ORDER_ID = 0;
const CUSTOMER_ID = 1;
const FIRST_TIME = 3;

const settings = JSON.parse(process.argv[2]!) as RawIngestSettings;
const kafka = new kafkajs.Kafka({
  brokers: settings.brokers.split(','),
  clientId: 'bench-raw-ingest',
  logLevel: kafkajs.logLevel.ERROR,
});
const producer = kafka.producer({ idempotent: false, allowAutoTopicCreation: false });

interface Job {
  readonly id: string;
  readonly writeTimeBase: number;
}

function toMessage(cells: readonly string[], row: number, job: Job): Message {
  const record: Record<string, string> = {};
  for (let c = 0; c < COLUMNS.length; c++) {
    const text = cells[c]!;
    if (text !== '') record[COLUMNS[c]!] = c < FIRST_TIME ? text : `${text.slice(0, 10)}T${text.slice(11)}.000Z`;
  }
  const key = `${cells[CUSTOMER_ID]}_${cells[ORDER_ID]}`;
  return {
    key,
    value: JSON.stringify(record),
    headers: {
      'content-type': 'application/json',
      'os-job': job.id,
      'os-row': String(row),
      'os-write-time': String(job.writeTimeBase + row),
    },
    // kafkajs's own partitioner computes with Long, which would make the rig slower than its parts can be.
    partition: partitionOf(key, PARTITIONS),
  };
}

/** One send in flight per partition; reading waits for it. */
async function publish(file: string): Promise<number> {
  const job = { id: randomUUID(), writeTimeBase: Date.now() * 1000 };
  const filling: Message[][] = Array.from({ length: PARTITIONS }, () => []);
  const inFlight: Promise<unknown>[] = Array.from({ length: PARTITIONS }, () => Promise.resolve());
  const send = async (partition: number): Promise<void> => {
    const messages = filling[partition]!;
    filling[partition] = [];
    await inFlight[partition];
    inFlight[partition] = producer.send({ topic: settings.topic, acks: -1, messages });
  };
  let line = 1;
  const parser = createReadStream(file).pipe(parse({ bom: true, from_line: 2 }));
  const ended = once(parser, 'end');
  // Read by hand, a third less CPU than for await: that one waits for a promise with every record.
  while (!parser.readableEnded) {
    for (let cells = parser.read() as string[] | null; cells; cells = parser.read() as string[] | null) {
      const message = toMessage(cells, ++line, job);
      const partition = message.partition!;
      if (filling[partition]!.push(message) >= SEND_ROWS) await send(partition);
    }
    await Promise.race([once(parser, 'readable'), ended]);
  }
  for (let partition = 0; partition < PARTITIONS; partition++)
    if (filling[partition]!.length > 0) await send(partition);
  await Promise.all(inFlight);
  return line - 1;
}

async function take({ file }: { readonly file: string }): Promise<void> {
  const begin = performance.now();
  const rows = await publish(file);
  process.send!({ rows, ms: performance.now() - begin } satisfies RawIngestAnswer);
}

async function stop(): Promise<void> {
  await producer.disconnect();
  process.exit();
}

process.once('SIGTERM', () => void stop());
process.on('message', (task) => void take(task as { file: string }));
await producer.connect();
process.send?.('connected');
