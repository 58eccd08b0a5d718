import { randomUUID } from 'node:crypto';
import { DeadLetterRepository, fingerprintOf, type NewDeadLetter } from '@orderstream/cassandra';
import { migratedKeyspace } from './cassandra-store.keyspaces.js';

const keyspaces = migratedKeyspace();

describe('a dead letter', () => {
  const cause = { code: 'undecodable', stage: 'decode' as const, stream: 'orders' };
  const letterOf = (offset: string, jobId?: string): NewDeadLetter => ({
    ...cause,
    id: `orders-0-${offset}`,
    topic: 'orders',
    partition: 0,
    offset,
    reason: 'why',
    fingerprint: fingerprintOf(cause),
    recordTimeMs: 1_700_000_000_000,
    writeTimeMicros: 5n,
    jobId,
    jobRow: jobId === undefined ? undefined : 4,
    attempt: 1,
    firstSeenMs: 1_700_000_000_500,
    key: Buffer.from([0, 255]),
    value: Buffer.alloc(1_100_000, 7),
    headers: new Map([['os-job', Buffer.from('x')]]),
  });

  it('keeps the record to the last byte, null and empty told apart', async () => {
    const letters = new DeadLetterRepository(keyspaces.session);
    const letter = letterOf('9007199254740993', randomUUID());
    await letters.put(letter);
    const { value, ...found } = (await letters.find(letter.id))!;
    expect(found).toEqual({ ...withoutValue(letter), column: undefined, state: 'open' });
    expect(Buffer.compare(value!, letter.value!)).toBe(0);
    await letters.put({ ...letterOf('2'), key: null, value: Buffer.alloc(0), headers: new Map() });
    expect(await letters.find('orders-0-2')).toMatchObject({ key: null, value: Buffer.alloc(0), headers: new Map() });
    expect(await letters.find('orders-0-nope')).toBeUndefined();
  });

  it('that was closed stays closed when the record is replayed, and was first seen when it was first seen', async () => {
    const letters = new DeadLetterRepository(keyspaces.session);
    const letter = letterOf('3');
    await letters.put(letter);
    const moves = [letters.move(letter, 'open', 'redriven'), letters.move(letter, 'open', 'redriven')];
    expect((await Promise.all(moves)).filter(Boolean)).toHaveLength(1);
    expect(await letters.move(letter, 'redriven', 'closed')).toBe(true);
    await letters.put({ ...letter, firstSeenMs: letter.firstSeenMs + 60_000 });
    expect(await letters.find(letter.id)).toMatchObject({ state: 'closed', firstSeenMs: letter.firstSeenMs });
    expect(await letters.move(letter, 'closed', 'open')).toBe(true);
    expect(await letters.find(letter.id)).toMatchObject({ state: 'open' });
    expect(await letters.move({ id: 'orders-0-nope', topic: 'orders' }, 'open', 'closed')).toBe(false);
  });

  it('counts once for its job however often it is written, and is found by job, cause and page', async () => {
    const letters = new DeadLetterRepository(keyspaces.session);
    const jobId = randomUUID();
    for (const offset of ['10', '11', '12', '11', '10']) await letters.put({ ...letterOf(offset, jobId), value: null });
    const positions = (await collect(letters.positionsOfJob(jobId))).flat();
    expect(positions.map(({ offset }) => offset).sort()).toEqual(['10', '11', '12']);
    expect(positions[0]).toMatchObject({
      topic: 'orders',
      partition: 0,
      jobRow: 4,
      code: 'undecodable',
      state: 'open',
    });
    const first = await letters.list({ jobId, fingerprint: fingerprintOf(cause), limit: 2 });
    expect(first.items).toHaveLength(2);
    const rest = await letters.list({ jobId, fingerprint: fingerprintOf(cause), limit: 2, cursor: first.next! });
    expect([...first.items, ...rest.items].map(({ offset }) => offset).sort()).toEqual(['10', '11', '12']);
    expect((await letters.list({ topic: 'users', limit: 5 })).items).toEqual([]);
    await letters.move(letterOf('10'), 'open', 'discarded');
    const open = (await collect(letters.openLetters())).flat().filter((letter) => letter.jobId === jobId);
    expect(open.map(({ offset }) => offset).sort()).toEqual(['11', '12']);
  });
});

const withoutValue = ({ value: _, ...rest }: NewDeadLetter) => rest;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
