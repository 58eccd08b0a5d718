import { createRequire } from 'node:module';
import { decompressed } from '../codecs/install-codecs.js';
import { BatchRunner, type BatchEvents, type BatchHandler, type BatchPayload } from './batch-runner.js';
import { PartitionFlow } from './partition-flow.js';
import type { KafkaRecord, RecordBatch, TopicPartition } from './record-batch.js';

const records = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ offset: String(from + i), key: null, value: null, timestamp: '0' }));

function payloadOf(overrides: Partial<BatchPayload> = {}, from = 10, count = 5) {
  const resolved: string[] = [];
  const payload: BatchPayload = {
    batch: { topic: 't', partition: 0, highWatermark: '100', messages: records(from, count) },
    resolveOffset: (offset) => void resolved.push(offset),
    heartbeat: () => Promise.resolve(),
    isRunning: () => true,
    isStale: () => false,
    ...overrides,
  };
  return { payload, resolved };
}

function setUp(handler: BatchHandler) {
  const paused: number[] = [];
  const batches: Array<Parameters<NonNullable<BatchEvents['onBatch']>>[0]> = [];
  let abandoned = 0;
  let resumeNow = (): void => undefined;
  const schedule = (work: () => void) => {
    resumeNow = work;
    return () => undefined;
  };
  const control = { pause: (at: TopicPartition) => void paused.push(at.partition), resume: () => undefined };
  const options = { backoff: { initialMs: 1, maxMs: 1 }, unknownTries: 2, schedule };
  const flow = new PartitionFlow(control, options);
  const runner = new BatchRunner(handler, flow, {
    onBatch: (event) => void batches.push(event),
    onAbandoned: () => void abandoned++,
  });
  return { runner, flow, paused, batches, abandoned: () => abandoned, resumeNow: () => resumeNow() };
}

describe('BatchRunner', () => {
  it('resolves the last record of a finished batch and says how much is left', async () => {
    const { runner, paused, batches } = setUp(async () => ({ finished: 5, verdict: 'ok' }));
    const { payload, resolved } = payloadOf();
    await runner.run(payload);
    expect([resolved, paused]).toEqual([['14'], []]);
    expect(batches[0]).toMatchObject({ topic: 't', partition: 0, count: 5, finished: 5, lag: 85 });
  });

  it('resolves exactly the finished prefix and pauses when a store makes it wait', async () => {
    const { runner, paused, flow } = setUp(async () => ({ finished: 2, verdict: 'wait', reason: 'no host' }));
    const { payload, resolved } = payloadOf();
    await runner.run(payload);
    expect([resolved, paused, flow.isHeldBack(payload.batch)]).toEqual([['11'], [0], true]);
  });

  it('resolves nothing of a batch without a finished record', async () => {
    const { runner, paused } = setUp(async () => ({ finished: 0, verdict: 'wait', reason: 'no host' }));
    const { payload, resolved } = payloadOf();
    await runner.run(payload);
    expect([resolved, paused]).toEqual([[], [0]]);
  });

  it('stops at the record after the finished ones when the last try fails too', async () => {
    let tries = 0;
    const { runner, flow, resumeNow } = setUp(async () => ({
      finished: tries++ === 0 ? 3 : 0,
      verdict: 'unknown',
      error: 'boom',
    }));
    await runner.run(payloadOf({}, 10).payload);
    resumeNow();
    expect(flow.stopped()).toEqual([]);
    await runner.run(payloadOf({}, 13).payload);
    expect(flow.stopped()).toMatchObject([
      { topic: 't', partition: 0, offset: '13', error: 'boom', record: { offset: '13' } },
    ]);
  });

  it('gives the record behind a finished prefix all its tries', async () => {
    const answers = [0, 3, 0].map((finished) => ({ finished, verdict: 'unknown', error: 'boom' }));
    const { runner, flow, resumeNow } = setUp(async () => answers.shift());
    for (const [from, stops] of [
      [10, 0],
      [10, 0],
      [13, 1],
    ] as const) {
      // prettier-ignore
      await runner.run(payloadOf({}, from).payload);
      expect(flow.stopped()).toHaveLength(stops);
      resumeNow();
    }
  });

  it('hands over nothing of a partition that is held back', async () => {
    let calls = 0;
    const { runner } = setUp(async () => ({ finished: calls++, verdict: 'wait', reason: 'no host' }));
    await runner.run(payloadOf().payload);
    await runner.run(payloadOf().payload);
    expect(calls).toBe(1);
  });

  it.each([
    ['throws a TypeError, which would end the consumer', () => Promise.reject(new TypeError('boom'))],
    ['answers nothing', () => Promise.resolve(undefined)],
    ['answers ok for less than the batch', () => Promise.resolve({ finished: 4, verdict: 'ok' })],
    ['claims more than the batch has', () => Promise.resolve({ finished: 6, verdict: 'ok' })],
    ['answers with an unknown verdict', () => Promise.resolve({ finished: 5, verdict: 'done' })],
  ])('commits nothing and tries again when the handler %s', async (_, handler) => {
    const { runner, flow } = setUp(handler);
    const { payload, resolved } = payloadOf();
    await expect(runner.run(payload)).resolves.toBeUndefined();
    expect([resolved, flow.isHeldBack(payload.batch)]).toEqual([[], true]);
  });

  it('abandons the batch when a heartbeat fails, whatever the handler answers', async () => {
    let lost: unknown;
    const { runner, paused, abandoned } = setUp(async (batch) => {
      await batch.heartbeat().catch((error: unknown) => (lost = error));
      return { finished: 5, verdict: 'ok' };
    });
    const { payload, resolved } = payloadOf({ heartbeat: () => Promise.reject(new Error('rebalancing')) });
    await runner.run(payload);
    expect(lost).toMatchObject({ name: 'BatchRevokedError', cause: new Error('rebalancing') });
    expect([resolved, paused, abandoned()]).toEqual([[], [], 1]);
  });

  it('takes a handler that lets the failed heartbeat through for revoked, not for an unknown error', async () => {
    const { runner, paused, abandoned } = setUp(async (batch) => batch.heartbeat());
    await runner.run(payloadOf({ heartbeat: () => Promise.reject(new Error('rebalancing')) }).payload);
    expect([paused, abandoned()]).toEqual([[], 1]);
  });

  it('abandons a batch that another assignment overtook', async () => {
    const seen: RecordBatch[] = [];
    const { runner, abandoned } = setUp(async (batch) => {
      seen.push(batch);
      runner.newAssignment();
      return { finished: 5, verdict: 'ok' };
    });
    const { payload, resolved } = payloadOf();
    await runner.run(payload);
    expect([resolved, abandoned(), seen[0]!.isRevoked()]).toEqual([[], 1, true]);
  });

  it('survives that kafkajs can no longer resolve', async () => {
    const { runner, abandoned } = setUp(async () => ({ finished: 5, verdict: 'ok' }));
    const resolveOffset = (): void => {
      throw new TypeError("Cannot set properties of undefined (setting '0')");
    };
    await expect(runner.run(payloadOf({ resolveOffset }).payload)).resolves.toBeUndefined();
    expect(abandoned()).toBe(1);
  });

  it('finishes running batches while closing, starts no other, and abandons at the deadline', async () => {
    let answer!: (outcome: unknown) => void;
    let calls = 0;
    const { runner, abandoned } = setUp(() => {
      calls++;
      return new Promise((resolve) => (answer = resolve));
    });
    const first = payloadOf();
    const running = runner.run(first.payload);
    runner.close();
    await runner.run(payloadOf({}, 20).payload);
    expect(calls).toBe(1);
    answer({ finished: 5, verdict: 'ok' });
    await running;
    expect(first.resolved).toEqual(['14']);

    const stuck = setUp(() => new Promise(() => undefined));
    const second = payloadOf();
    const never = stuck.runner.run(second.payload);
    stuck.runner.abandonAll();
    await never;
    expect([second.resolved, stuck.abandoned(), abandoned()]).toEqual([[], 1, 0]);
  });

  describe('goes on behind a skipped record', () => {
    const stopped = async (handler: BatchHandler) => {
      let isBroken = true;
      const rig = setUp(async (batch) => (isBroken ? Promise.reject(new Error('boom')) : handler(batch)));
      for (let tries = 0; tries < 2; tries++) {
        await rig.runner.run(payloadOf().payload);
        rig.resumeNow();
      }
      isBroken = false;
      expect(rig.flow.stopped()).toMatchObject([{ offset: '10' }]);
      return rig;
    };

    it('by counting it as finished when it comes again, once', async () => {
      const seen: string[][] = [];
      const { runner, flow } = await stopped(async ({ records: given }) => {
        seen.push(given.map(({ offset }) => offset));
        return { finished: given.length, verdict: 'ok' };
      });
      expect(flow.skip({ topic: 't', partition: 0 }, '10')).toMatchObject({ offset: '10' });
      const { payload, resolved } = payloadOf();
      await runner.run(payload);
      expect([seen, resolved]).toEqual([[['11', '12', '13', '14']], ['14']]);
      await runner.run(payloadOf().payload); // the group was rewound to it
      expect(seen[1]).toEqual(['10', '11', '12', '13', '14']);
    });

    it('also when nothing else is in the batch, and when the record behind it fails', async () => {
      const { runner, flow } = await stopped(async () => ({ finished: 0, verdict: 'wait', reason: 'no host' }));
      flow.skip({ topic: 't', partition: 0 }, '10');
      const { payload, resolved } = payloadOf();
      await runner.run(payload);
      expect(resolved).toEqual(['10']);
      const alone = await stopped(async () => Promise.reject(new Error('not asked')));
      alone.flow.skip({ topic: 't', partition: 0 }, '10');
      const one = payloadOf({}, 10, 1);
      await alone.runner.run(one.payload);
      expect(one.resolved).toEqual(['10']);
    });

    it('in this assignment only: what another one brings is read', async () => {
      const { runner, flow } = await stopped(async ({ records: given }) => ({ finished: given.length, verdict: 'ok' }));
      flow.skip({ topic: 't', partition: 0 }, '10');
      flow.clear();
      expect(flow.isSkipped({ topic: 't', partition: 0 }, '10')).toBe(false);
      const { payload, resolved } = payloadOf({}, 10, 1);
      await runner.run(payload);
      expect(resolved).toEqual(['10']);
    });

    it('not at another offset', async () => {
      const { flow } = await stopped(async () => undefined);
      expect(flow.skip({ topic: 't', partition: 0 }, '11')).toBeUndefined();
      expect(flow.stopped()).toHaveLength(1);
    });
  });

  it('stops at a record that could not be decompressed, once those before it are finished', async () => {
    const compressed = batchBehindHeader(2);
    const bytes = await decompressed(() => Promise.reject(new Error('damaged')), compressed, 1);
    const unreadable = kafkajsRecords(bytes, 2);
    const seen: number[] = [];
    const { runner, flow, resumeNow } = setUp(async ({ records: given }) => {
      seen.push(given.length);
      return { finished: given.length, verdict: 'ok' };
    });
    const messages = [...records(8, 2), ...unreadable.map((record, n) => ({ ...record, offset: String(10 + n) }))];
    const first = payloadOf({ batch: { topic: 't', partition: 0, highWatermark: '12', messages } });
    await runner.run(first.payload);
    resumeNow();
    expect([seen, first.resolved]).toEqual([[2], ['9']]);
    await runner.run(payloadOf({ batch: { ...first.payload.batch, messages: messages.slice(2) } }).payload);
    expect(flow.stopped()).toMatchObject([{ offset: '10', error: { message: expect.stringContaining('damaged') } }]);
    expect(seen).toEqual([2]);
  });
});

/** `count` records compressed to three bytes, as a view behind the header of their batch. */
function batchBehindHeader(count: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeInt32BE(49 + 3, 8);
  bytes[16] = 2;
  bytes.writeInt32BE(count, 57);
  return bytes.subarray(61);
}

/** As kafkajs decodes them. */
function kafkajsRecords(bytes: Buffer, count: number): KafkaRecord[] {
  const require = createRequire(import.meta.url);
  const Decoder = require('kafkajs/src/protocol/decoder');
  const decode = require('kafkajs/src/protocol/recordBatch/record/v0/decoder');
  const decoder = new Decoder(bytes);
  return Array.from({ length: count }, () =>
    decode(new Decoder(decoder.readVarIntBytes()), { firstOffset: '0', firstTimestamp: '0' }),
  );
}
