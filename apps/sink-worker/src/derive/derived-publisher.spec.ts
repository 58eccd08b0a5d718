import { HEADER } from '@orderstream/contracts';
import { KafkaSendError, partitionOf, type OutMessage, type PartitionProducer } from '@orderstream/kafka';
import { createMetrics } from '@orderstream/observability';
import { compileStream, transformRecord, TRANSACTIONS, type Write } from '@orderstream/streams';
import { STORED, type WriteOutcome } from '../write/write-outcome.js';
import { DerivedPublisher } from './derived-publisher.js';
import { derivedRecord } from './derived-record.js';

const transactions = compileStream(TRANSACTIONS);
const ID = '6f1f0c52-5b6a-4c0e-9f0b-3d7c5d1f2a10';
const RECORD = {
  transaction_id: ID,
  account_number: '77',
  transaction_type: 'purchase',
  transaction_items: [{ item_id: 'i', product_name: 'Kite', quantity: 3, unit_price: '0.10' }],
  shipping_info: { address: '1 Elm Street' },
};
const WAITING: WriteOutcome = { kind: 'waiting', reason: 'busy' };
const kafkaRecord = (key: Buffer | null, headers = {}) => ({
  offset: '7',
  key,
  value: Buffer.from(JSON.stringify(RECORD)),
  timestamp: '1700000000000',
  headers,
});

const message = (key: string, bytes = 10): OutMessage => ({ key, value: 'v'.repeat(bytes) });
const batchOf = (written: readonly WriteOutcome[], size?: number) => ({
  refused: new Map(),
  derived: new Map(written.map((_, index) => [index, message(`k${index}`, size)])),
  written,
});

type Send = (topic: string, partition: number, messages: readonly OutMessage[]) => Promise<unknown>;

function publisherOn(send: Send, partitionCount: () => Promise<number> = () => Promise.resolve(3)) {
  const producer = { send, partitionCount } as unknown as PartitionProducer;
  return new DerivedPublisher(producer, createMetrics('test'));
}

const kindsOf = (outcomes: readonly WriteOutcome[]) => outcomes.map(({ kind }) => kind);

describe('a derived record', () => {
  const written = (headers = {}, key: Buffer | null = Buffer.from('77')) => {
    const record = kafkaRecord(key, headers);
    return derivedRecord(transactions, record, transformRecord(transactions, record) as Write);
  };

  it('is flat, with its totals, under the key and the write time of its record, and of no job', () => {
    const job = { [HEADER.job]: Buffer.from(ID), [HEADER.row]: Buffer.from('4') };
    const { key, value, headers } = written({ ...job, [HEADER.writeTime]: Buffer.from('1700000000000123') });
    expect(String(key)).toBe('77');
    expect(headers).toEqual({ [HEADER.contentType]: 'application/json', [HEADER.writeTime]: '1700000000000123' });
    expect(JSON.parse(String(value))).toMatchObject({
      shipping_address: '1 Elm Street',
      products_list: 'Kite',
      total_price_spent: '0.30',
      total_quantity_bought: 3,
    });
  });

  it('of a record without key or write time has those that the stream gives it', () => {
    const { key, headers } = written({}, null);
    expect([key, headers?.[HEADER.writeTime]]).toEqual(['77', '1700000000000007']);
  });
});

describe('DerivedPublisher', () => {
  it('lets each stored record pass once Kafka has its derived one, in the partition of its key', async () => {
    const sent: [string, number, string][] = [];
    const publisher = publisherOn(async (topic, partition, messages) => {
      for (const { key } of messages) sent.push([topic, partition, String(key)]);
    });
    const outcomes = await publisher.publish('flat', batchOf([STORED, STORED, STORED]), 1000);
    expect(kindsOf(outcomes)).toEqual(['stored', 'stored', 'stored']);
    expect(sent.sort()).toEqual(['k0', 'k1', 'k2'].map((key) => ['flat', partitionOf(key, 3), key]).sort());
  });

  it('does nothing for a stream without a derived topic, or where nothing is stored', async () => {
    const publisher = publisherOn(() => Promise.reject(new Error('not to be called')));
    const batch = batchOf([STORED]);
    expect(await publisher.publish(undefined, batch, 1000)).toBe(batch.written);
    const waiting = batchOf([WAITING]);
    expect(await publisher.publish('flat', waiting, 1000)).toBe(waiting.written);
  });

  it('publishes nothing of what comes again: only up to the first record that waits for the store', async () => {
    const keys: string[] = [];
    const publisher = publisherOn(async (_, __, messages) => void keys.push(...messages.map(({ key }) => String(key))));
    const refused = new Map([[1, {} as never]]);
    const written = [STORED, WAITING, STORED, WAITING, STORED];
    const outcomes = await publisher.publish('flat', { ...batchOf(written), refused }, 1000);
    expect(kindsOf(outcomes)).toEqual(kindsOf(written));
    expect(keys.sort()).toEqual(['k0', 'k2']);
  });

  it('lets the records wait that Kafka cannot take now, and only those', async () => {
    const away = partitionOf('k1', 3);
    const publisher = publisherOn(async (_, partition) => {
      if (partition === away) throw new KafkaSendError('not_enough_replicas', 'away', true);
    });
    const written = Array.from({ length: 9 }, () => STORED);
    const outcomes = await publisher.publish('flat', batchOf(written), 1000);
    outcomes.forEach(({ kind }, i) => expect(kind).toBe(partitionOf(`k${i}`, 3) === away ? 'waiting' : 'stored'));
    expect(outcomes[1]).toMatchObject({ reason: 'derived_not_published' });
  });

  it('lets all of them wait when Kafka does not say how many partitions there are, or is slow', async () => {
    const lost = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const unreachable = publisherOn(
      () => Promise.resolve(),
      () => Promise.reject(lost),
    );
    expect(kindsOf(await unreachable.publish('flat', batchOf([STORED, STORED]), 1000))).toEqual(['waiting', 'waiting']);
    const slow = publisherOn(() => new Promise(() => undefined));
    expect(kindsOf(await slow.publish('flat', batchOf([STORED]), 20))).toEqual(['waiting']);
  });

  it('stops at what Kafka refuses for good: the row is stored, so no letter may say that it is not', async () => {
    const error = new KafkaSendError('message_too_large', 'too large', false);
    const publisher = publisherOn(() => Promise.reject(error));
    expect(await publisher.publish('flat', batchOf([STORED]), 1000)).toEqual([{ kind: 'unknown', error }]);
  });

  it('sends no more at once than a request can hold', async () => {
    const sizes: number[] = [];
    const publisher = publisherOn(
      async (_, __, messages) => void sizes.push(messages.length),
      () => Promise.resolve(1),
    );
    await publisher.publish('flat', batchOf(Array.from({ length: 1001 }, () => STORED)), 1000);
    await publisher.publish('flat', batchOf([STORED, STORED, STORED], 250 * 1024), 1000);
    expect(sizes).toEqual([500, 500, 1, 2, 1]);
  });
});
