/**
 * Loaded into ingest-api before its main.js (`--import`), takes receipts out of uploads: no job, lease, checkpoint, digest
 * or segment, and no header that says of which row of which job a record is. All else is the product's own code, so what
 * the two differ by is what receipts cost.
 */
import type { PartitionProducer } from '@orderstream/kafka';
import { partitionOf } from '@orderstream/kafka';
import type { OpenedBody } from '../../apps/ingest-api/dist/accept/open-body.js';
import type { PublishOptions } from '../../apps/ingest-api/dist/publish/job-publisher.js';
import { BodyDigest } from '../../apps/ingest-api/dist/accept/body-digest.js';
import { Upload } from '../../apps/ingest-api/dist/accept/upload.js';
import { encodeSingle } from '../../apps/ingest-api/dist/publish/encode-row.js';
import { PartitionBatcher, type PartitionBatch } from '../../apps/ingest-api/dist/publish/partition-batcher.js';
import { JobReader } from '../../apps/ingest-api/dist/track/job-reader.js';

interface UploadParts {
  readonly producer: PartitionProducer;
  readonly options: PublishOptions;
}

const ID = '00000000-0000-4000-8000-000000000000';
const SENDS_UNDER_WAY = 6;
let accepted = 0;

function define(type: { readonly prototype: object }, name: string, value: unknown): void {
  if (!(name in type.prototype)) throw new Error(`there is no ${name} to replace any more`);
  Object.defineProperty(type.prototype, name, { value });
}

define(BodyDigest, 'add', () => undefined);
define(BodyDigest, 'expect', () => undefined);
define(JobReader, 'view', async () => ({ counts: { accepted }, settledAt: null, links: { self: `/jobs/${ID}` } }));
define(Upload, 'receive', async function (this: UploadParts, body: OpenedBody): Promise<string> {
  accepted = await publish(this, body);
  return ID;
});

async function publish({ producer, options }: UploadParts, { stream, batches }: OpenedBody): Promise<number> {
  const partitions = await producer.partitionCount(stream.topic);
  const underWay = new Set<Promise<void>>();
  const writeTimeBase = Date.now() * 1000;
  const dispatch = ({ partition, messages }: PartitionBatch): void => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const send: Promise<void> = producer
      .send(stream.topic, partition, messages, { signal })
      .then(() => void underWay.delete(send));
    underWay.add(send);
  };
  const batcher = new PartitionBatcher(options, dispatch);
  const encoder = options.values.of(stream);
  let sent = 0;
  for await (const { rows, rowNumbers } of batches) {
    for (let i = 0; i < rows.length; i++) {
      const message = encodeSingle(encoder, rows[i]!, writeTimeBase + rowNumbers[i]!);
      if ('code' in message) throw new Error('the file of the bench has no row that is too large');
      batcher.add(partitionOf(message.key!, partitions), message, rowNumbers[i]!);
    }
    sent += rows.length;
    while (underWay.size >= SENDS_UNDER_WAY) await Promise.race(underWay);
  }
  batcher.flush();
  await Promise.all(underWay);
  return sent;
}
