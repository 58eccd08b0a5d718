/** Random histories of users, and their deliveries in any order, as records for a topic of three partitions. */
import fc from 'fast-check';
import { HEADER } from '@orderstream/contracts';
import type { OutMessage } from '@orderstream/kafka';
import { FIELDS } from './random-histories.model.js';

const JOBS = ['3f2c1a7e-1111-4222-8333-444455556666', 'b1e0d9c8-7777-4888-9999-aaaabbbbcccc'];
const MAX_COPIES = 3;

/** Few values, times and places, so that ties and crossings are the rule. */
const event = fc.record({
  kind: fc.constantFrom('update', 'update', 'update', 'delete'),
  fields: fc.record(Object.fromEntries(FIELDS.map((name) => [name, fc.constantFrom('a', 'b', 'é', 'zz', null)])), {
    requiredKeys: [],
  }),
  clears: fc.boolean(),
  /** with a header: µs after the base; without: ms of the record time after the base */
  time: fc.oneof(
    fc.record({ headerUs: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ recordMs: fc.integer({ min: 0, max: 2 }) }),
  ),
  /** as rows of an upload that was resumed or repaired lie in the log */
  job: fc.option(fc.record({ id: fc.constantFrom(...JOBS), row: fc.integer({ min: 0, max: 3 }) })),
  attempt: fc.integer({ min: 1, max: 3 }),
  copies: fc.integer({ min: 1, max: MAX_COPIES }),
  /** where in the shuffle each copy stands, and in which partition */
  ranks: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: MAX_COPIES, maxLength: MAX_COPIES }),
  partitions: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: MAX_COPIES, maxLength: MAX_COPIES }),
});

type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

export interface RandomRun {
  /** one per user */
  readonly histories: readonly (readonly Event[])[];
  /** after which part of the records the sink is killed, in per cent: at the first reading, and at the replay */
  readonly kills: readonly [number, number];
}

export const randomRun = (users: number): fc.Arbitrary<RandomRun> =>
  fc.record({
    histories: fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { minLength: users, maxLength: users }),
    kills: fc.tuple(fc.integer({ min: 5, max: 20 }), fc.integer({ min: 5, max: 20 })),
  });

/** The shuffled records of each partition. */
export function deliveriesOf({ histories }: RandomRun, baseMs: number): Map<number, OutMessage[]> {
  const all = histories.flatMap((history, n) =>
    history.flatMap((each) => {
      const message = messageOf(`user-${n}`, each, baseMs);
      const copies = Array.from({ length: each.copies }, (_, copy) => copy);
      return copies.map((copy) => ({ message, rank: each.ranks[copy]!, partition: each.partitions[copy]! }));
    }),
  );
  all.sort((a, b) => a.rank - b.rank);
  const byPartition = new Map<number, OutMessage[]>([0, 1, 2].map((partition) => [partition, []]));
  for (const { message, partition } of all) byPartition.get(partition)!.push(message);
  return byPartition;
}

function messageOf(id: string, { kind, fields, clears, time, job, attempt }: Event, baseMs: number): OutMessage {
  const recordMs = 'recordMs' in time ? baseMs + time.recordMs : baseMs;
  const headers = {
    ...('headerUs' in time && { [HEADER.writeTime]: String(baseMs * 1000 + time.headerUs) }),
    ...(clears && { [HEADER.blank]: 'clear' }),
    ...(job && { [HEADER.job]: job.id, [HEADER.row]: String(job.row), [HEADER.attempt]: String(attempt) }),
  };
  const value = kind === 'delete' ? null : JSON.stringify({ id, ...fields });
  return { key: id, value, headers, timestamp: String(recordMs) };
}
