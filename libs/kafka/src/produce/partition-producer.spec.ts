import { getEventListeners, getMaxListeners } from 'node:events';
import type { OutMessage } from './out-message.js';
import { baseOffsetOf } from './kafkajs-producer-port.js';
import { PartitionProducer } from './partition-producer.js';
import type { PartitionProducerOptions, ProducerPort } from './producer.options.js';
import { KafkaSendError } from './send-error.js';

const rows = (count: number, value = 'v'): OutMessage[] => Array.from({ length: count }, () => ({ key: 'k', value }));
const busy = (): KafkaSendError => new KafkaSendError('not_enough_replicas', 'busy', true);
const refused = (): KafkaSendError => new KafkaSendError('message_too_large', 'too large', false);
/** Lets everything that is ready run; no time passes. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Request {
  readonly partition: number;
  readonly messages: readonly OutMessage[];
  answer(base: bigint): void;
  fail(error: Error): void;
}

/** Answers each request when the test says so; the order and the overlap of requests are what is looked at. */
class ManualPort implements ProducerPort {
  readonly requests: Request[] = [];
  readonly inFlight = new Map<number, number>();
  partitions = 3;
  maxInFlight = 0;
  connects = 0;
  disconnected = false;

  connect(): Promise<void> {
    this.connects++;
    return this.connects < 3
      ? Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))
      : Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.disconnected = true;
    return Promise.resolve();
  }

  countPartitions(): Promise<number> {
    return Promise.resolve(this.partitions);
  }

  send(_topic: string, partition: number, messages: readonly OutMessage[]): Promise<bigint> {
    const now = (this.inFlight.get(partition) ?? 0) + 1;
    this.inFlight.set(partition, now);
    this.maxInFlight = Math.max(this.maxInFlight, now);
    const done = (): void => void this.inFlight.set(partition, this.inFlight.get(partition)! - 1);
    return new Promise<bigint>((answer, fail) => this.requests.push({ partition, messages, answer, fail })).finally(
      done,
    );
  }
}

function setUp(options: PartitionProducerOptions = {}) {
  const port = new ManualPort();
  return { port, producer: new PartitionProducer(port, { backoff: { initialMs: 1, maxMs: 1 }, ...options }) };
}

async function nthRequest(port: ManualPort, n: number): Promise<Request> {
  while (port.requests.length < n) await settled();
  return port.requests[n - 1]!;
}

describe('PartitionProducer', () => {
  it('has one request in flight per partition, in the order of the calls, and partitions in parallel', async () => {
    const { port, producer } = setUp();
    const results = [0, 0, 1].map((partition, i) => producer.send('t', partition, rows(2, `${i}`)));
    await settled();
    expect(port.requests.map((r) => [r.partition, r.messages[0]!.value])).toEqual([[0, '0'], [1, '2']]); // prettier-ignore
    port.requests[1]!.answer(70n);
    await expect(results[2]).resolves.toEqual({ topic: 't', partition: 1, baseOffset: '70', count: 2 });
    port.requests[0]!.answer(5n);
    (await nthRequest(port, 3)).answer(7n);
    await expect(results[1]).resolves.toMatchObject({ baseOffset: '7' });
    expect(port.maxInFlight).toBe(1);
  });

  it('sends waiting single records before bulk sends, merged into one request, each with its own offset', async () => {
    const { port, producer } = setUp();
    const bulk = [producer.send('t', 0, rows(9, 'bulk')), producer.send('t', 0, rows(9, 'later'))];
    await settled();
    const singles = [1, 2, 1].map((n) => producer.send('t', 0, rows(n, 'single'), { priority: true }));
    port.requests[0]!.answer(0n);
    const merged = await nthRequest(port, 2);
    expect(merged.messages.map((m) => m.value)).toEqual(['single', 'single', 'single', 'single']);
    merged.answer(100n);
    expect((await Promise.all(singles)).map((r) => [r.baseOffset, r.count])).toEqual([['100', 1], ['101', 2], ['103', 1]]); // prettier-ignore
    (await nthRequest(port, 3)).answer(104n);
    await Promise.all(bulk);
    expect(port.maxInFlight).toBe(1);
  });

  it('does not let single records starve a bulk send', async () => {
    const { port, producer } = setUp();
    const answered: Array<Promise<unknown>> = [
      producer.send('t', 0, rows(1, 'bulk')),
      producer.send('t', 0, rows(1, 'bulk')),
    ];
    for (let n = 1; port.requests.filter((r) => r.messages[0]!.value === 'bulk').length < 2; n++) {
      answered.push(producer.send('t', 0, rows(1, 'single'), { priority: true }));
      (await nthRequest(port, n)).answer(BigInt(n));
      await settled();
      expect(n).toBeLessThan(15);
    }
    port.requests.at(-1)!.answer(99n);
    await producer.disconnect(50);
    await Promise.allSettled(answered);
  });

  it('keeps merged requests below their limits', async () => {
    const { port, producer } = setUp({ mergedMessages: 3 });
    const sends = Array.from({ length: 7 }, () => producer.send('t', 0, rows(1), { priority: true }));
    for (const n of [1, 2, 3]) (await nthRequest(port, n)).answer(BigInt(n) * 10n);
    expect(port.requests.map((r) => r.messages.length)).toEqual([3, 3, 1]);
    expect((await Promise.all(sends)).map((r) => r.baseOffset)).toEqual(['10', '11', '12', '20', '21', '22', '30']);
    const small = setUp({ mergedBytes: 1_000 });
    const large = Array.from({ length: 2 }, () =>
      small.producer.send('t', 0, rows(1, 'x'.repeat(600)), { priority: true }),
    );
    for (const n of [1, 2]) (await nthRequest(small.port, n)).answer(0n);
    await Promise.all(large);
  });

  it('tries a retriable failure again before anything else of that partition is sent', async () => {
    const retries: number[] = [];
    const { port, producer } = setUp({ events: { onRetry: ({ attempt }) => void retries.push(attempt) } });
    const [first, second] = ['a', 'b'].map((value) => producer.send('t', 0, rows(1, value)));
    (await nthRequest(port, 1)).fail(busy());
    (await nthRequest(port, 2)).fail(busy());
    (await nthRequest(port, 3)).answer(4n);
    (await nthRequest(port, 4)).answer(5n);
    await Promise.all([first, second]);
    expect(port.requests.map((r) => r.messages[0]!.value)).toEqual(['a', 'a', 'a', 'b']);
    expect(retries).toEqual([1, 2]);
  });

  it('rejects what Kafka refuses, at once and alone', async () => {
    const { port, producer } = setUp();
    const sends = ['a', 'bad', 'c'].map((value) => producer.send('t', 0, rows(1, value), { priority: true }));
    const outcomes = Promise.allSettled(sends);
    (await nthRequest(port, 1)).fail(refused());
    for (const n of [2, 3, 4]) {
      const request = await nthRequest(port, n);
      if (request.messages[0]!.value === 'bad') request.fail(refused());
      else request.answer(BigInt(n));
    }
    expect((await outcomes).map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(sends[1]).rejects.toMatchObject({ code: 'message_too_large', retriable: false });
  });

  it('stops trying for a caller that has stopped waiting, and then serves the next one', async () => {
    const { port, producer } = setUp();
    const control = new AbortController();
    const first = producer.send('t', 0, rows(1, 'a'), { signal: control.signal });
    const queued = producer.send('t', 0, rows(1, 'b'), { signal: control.signal });
    const next = producer.send('t', 0, rows(1, 'c'));
    (await nthRequest(port, 1)).fail(busy());
    await nthRequest(port, 2);
    control.abort();
    await expect(first).rejects.toMatchObject({ code: 'aborted', retriable: true });
    await expect(queued).rejects.toMatchObject({ code: 'aborted' });
    await settled();
    expect(port.requests).toHaveLength(2); // the one in flight is still waited for
    port.requests[1]!.fail(busy());
    (await nthRequest(port, 3)).answer(0n);
    await next;
    expect(port.requests.map((r) => r.messages[0]!.value)).toEqual(['a', 'a', 'c']);
  });

  it('takes one signal for any number of sends, and leaves nothing on it', async () => {
    const { port, producer } = setUp();
    const { signal } = new AbortController();
    const sends = Array.from({ length: 30 }, () => producer.send('t', 0, rows(1), { signal, priority: true }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(30);
    expect(getMaxListeners(signal)).toBe(Infinity); // no warning about a leak
    (await nthRequest(port, 1)).answer(0n);
    await Promise.all(sends);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('waits for what is in flight when it disconnects, takes nothing new, and gives up at the deadline', async () => {
    const { port, producer } = setUp();
    const sent = producer.send('t', 0, rows(1));
    await settled();
    const closing = producer.disconnect(5_000);
    await expect(producer.send('t', 0, rows(1))).rejects.toMatchObject({ code: 'closed' });
    expect(port.disconnected).toBe(false);
    port.requests[0]!.answer(0n);
    await expect(sent).resolves.toMatchObject({ baseOffset: '0' });
    await closing;
    expect(port.disconnected).toBe(true);

    const stuck = setUp();
    const never = stuck.producer.send('t', 0, rows(1));
    await Promise.all([
      expect(never).rejects.toMatchObject({ code: 'closed', retriable: true }),
      stuck.producer.disconnect(5),
    ]);
  });

  it('connects as soon as Kafka is there', async () => {
    const { port, producer } = setUp();
    await producer.connect();
    expect(port.connects).toBe(3);
  });

  it('asks for the partition count once, again on demand, and reports a change', async () => {
    const changes: unknown[] = [];
    const { port, producer } = setUp({ events: { onPartitionCountChanged: (change) => void changes.push(change) } });
    expect(await producer.partitionCount('t')).toBe(3);
    port.partitions = 5;
    expect(await producer.partitionCount('t')).toBe(3);
    expect(await producer.partitionCount('t', { refresh: true })).toBe(5);
    expect(changes).toEqual([{ topic: 't', was: 3, now: 5 }]);
  });
});

describe('baseOffsetOf', () => {
  const answer = { topicName: 't', partition: 1, errorCode: 0, baseOffset: '42' };

  it('reads the base offset of the partition that was sent to', () => {
    expect(baseOffsetOf([null, { ...answer, partition: 0, baseOffset: '1' }, answer], 't', 1)).toBe(42n);
  });

  it('takes anything less for no acknowledgement, to be sent again', () => {
    const none = [
      [],
      [{ ...answer, partition: 0 }],
      [{ ...answer, errorCode: 6 }],
      [{ ...answer, baseOffset: '-1' }],
      [null],
    ];
    for (const answers of none) {
      expect(() => baseOffsetOf(answers, 't', 1)).toThrow(
        expect.objectContaining({ code: 'no_answer', retriable: true }),
      );
    }
  });
});
