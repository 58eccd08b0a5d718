import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Message } from 'kafkajs';
import { partitionOf } from '@orderstream/kafka';
import { builtInStreams, createGenerator, sampleCsv, StreamRegistry, type CompiledStream } from '@orderstream/streams';
import { DATA } from './paths.ts';
import type { Servers } from './servers.ts';

const SEED = 1;
const SEND_ROWS = 1_000;
const PARTITIONS = 3;

export function streamNamed(name: string): CompiledStream {
  const stream = new StreamRegistry(builtInStreams()).byName(name);
  if (!stream) throw new Error(`there is no stream ${name}`);
  return stream;
}

export interface RowsLoad {
  readonly rows: number;
  /** default: orders */
  readonly stream?: string;
  /** false: without the headers that say of which row of which job a record is */
  readonly receipts?: boolean;
}

/** Publishes generated rows as the product does: key, JSON and headers of one job. Every call makes the same rows. */
export async function publishRows(
  { kafka }: Servers,
  topic: string,
  { rows, stream: name = 'orders', receipts = true }: RowsLoad,
): Promise<void> {
  const stream = streamNamed(name);
  const startTimeMs = Date.UTC(2026, 0, 1);
  const generator = createGenerator(stream, { seed: SEED, startTimeMs, ratePerSecond: 50 });
  const job = { id: randomUUID(), writeTimeBase: Date.now() * 1000 };
  const producer = kafka.producer({ idempotent: false, allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (let begin = 0; begin < rows; begin += SEND_ROWS) {
      const messages: Message[] = [];
      for (let row = begin; row < Math.min(begin + SEND_ROWS, rows); row++) {
        const values = generator.row(row);
        const key = stream.keyOf(values);
        const headers = {
          'content-type': 'application/json',
          ...(receipts && { 'os-job': job.id, 'os-row': String(row) }),
          'os-write-time': String(job.writeTimeBase + row),
        };
        messages.push({ key, value: stream.toJson(values), headers, partition: partitionOf(key, PARTITIONS) });
      }
      await producer.send({ topic, acks: -1, messages });
    }
  } finally {
    await producer.disconnect();
  }
}

/** A file in the shape of the public Olist one; made once for each number of rows. */
export const olistFile = (rows: number): Promise<string> => sampleFile('olist-orders', rows);

/** A CSV file of generated rows of that stream; made once for each number of rows. */
export async function sampleFile(name: string, rows: number): Promise<string> {
  const file = join(DATA, `${name}-${rows}.csv`);
  if (existsSync(file)) return file;
  mkdirSync(DATA, { recursive: true });
  const draft = `${file}.draft`;
  await pipeline(Readable.from(sampleCsv(streamNamed(name), { rows, seed: SEED })), createWriteStream(draft));
  renameSync(draft, file);
  return file;
}
