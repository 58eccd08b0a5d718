import type { RecordBatch } from '@orderstream/kafka';
import { KafkaSendError } from '@orderstream/kafka';
import { builtInStreams, StreamRegistry, type Refused } from '@orderstream/streams';
import { STORED, type WriteOutcome } from '../write/write-outcome.js';
import type { Refusal } from './dead-letter.js';
import type { DeadLetterWriter } from './dead-letter-writer.js';
import { Rejecter } from './rejecter.js';

const orders = new StreamRegistry(builtInStreams()).byName('orders')!;
const origin = { writeTimeMicros: 1, jobId: undefined, jobRow: undefined };
const refused: Refused = { kind: 'refused', stage: 'decode', fault: { code: 'undecodable', reason: 'no' }, origin };
const WAITING: WriteOutcome = { kind: 'waiting', reason: 'no_statement' };
/** Every record was refused before it was written. */
const allRefused = (count: number) => ({
  refused: new Map(Array.from({ length: count }, (_, i) => [i, refused])),
  written: Array.from({ length: count }, () => WAITING),
});

function batchOf(count: number, isRevoked = () => false): RecordBatch {
  const records = Array.from({ length: count }, (_, i) => ({
    offset: String(i),
    key: null,
    value: Buffer.from('x'),
    timestamp: '1',
  }));
  return { topic: 'orders', partition: 0, records, highWatermark: '9', heartbeat: () => Promise.resolve(), isRevoked };
}

function rejecterOn(write: (refusals: readonly Refusal[]) => Promise<void>) {
  return new Rejecter({ write } as unknown as DeadLetterWriter);
}

describe('Rejecter', () => {
  it('counts a record as rejected only after its letter was acknowledged', async () => {
    const written: string[] = [];
    const rejecter = rejecterOn(async (refusals) => void written.push(...refusals.map(({ record }) => record.offset)));
    const done = { refused: new Map([[1, refused]]), written: [STORED, WAITING, STORED] };
    const outcomes = await rejecter.settle(batchOf(3), orders, done, () => 100);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'rejected', 'stored']);
    expect(written).toEqual(['1']);
  });

  it('writes a letter for what the store refused, with the stage write', async () => {
    const stages: string[] = [];
    const rejecter = rejecterOn(async (refusals) => void stages.push(...refusals.map(({ stage }) => stage)));
    const fault: WriteOutcome = { kind: 'refused', fault: { code: 'refused_by_store', reason: 'too long' } };
    await rejecter.settle(batchOf(1), orders, { refused: new Map(), written: [fault] }, () => 100);
    expect(stages).toEqual(['write']);
  });

  it('lets records wait whose letters cannot be written now, and stops there', async () => {
    let calls = 0;
    const rejecter = rejecterOn(() => (calls++, Promise.reject(new KafkaSendError('unreachable', 'away', true))));
    const done = allRefused(250);
    const outcomes = await rejecter.settle(batchOf(250), orders, done, () => 100);
    expect(outcomes.every(({ kind }) => kind === 'waiting')).toBe(true);
    expect(calls).toBe(1);
  });

  it('lets them wait when the time is over or the partition was revoked', async () => {
    const rejecter = rejecterOn(() => new Promise(() => undefined));
    const done = allRefused(1);
    expect(await rejecter.settle(batchOf(1), orders, done, () => 10)).toMatchObject([{ kind: 'waiting' }]);
    expect(
      await rejecter.settle(
        batchOf(1, () => true),
        orders,
        done,
        () => 100,
      ),
    ).toMatchObject([{ kind: 'waiting' }]);
  });

  it('does not swallow an error without a class', async () => {
    const rejecter = rejecterOn(() => Promise.reject(new Error('odd')));
    const done = allRefused(1);
    expect(await rejecter.settle(batchOf(1), orders, done, () => 100)).toMatchObject([{ kind: 'unknown' }]);
  });
});
