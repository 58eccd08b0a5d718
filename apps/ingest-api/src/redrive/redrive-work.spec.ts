import { RedriveWorld } from './redrive-world.fixture.js';

const ROWS = 10;

/** What is real: all that a redrive does. Cassandra and Kafka are a memory that outlives the killed process. */
describe('a redrive', () => {
  async function writesOfOne(): Promise<number> {
    const world = new RedriveWorld(ROWS);
    expect(await world.work()).toBe(true);
    return world.writes;
  }

  function expectWorkedOff(world: RedriveWorld): void {
    world.settle();
    const { accepted, published, stored, rejectedInSink, rejectedByCode } = world.job;
    expect({ accepted, published, stored, rejectedInSink, rejectedByCode }).toEqual({
      accepted: ROWS,
      published: ROWS,
      stored: ROWS,
      rejectedInSink: 0,
      rejectedByCode: {},
    });
    expect(new Set([...world.letters.values()].map(({ state }) => state))).toEqual(new Set(['closed']));
    const again = world.segments.filter(({ attempt }) => attempt > 1);
    expect(again.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS);
    expect(rowsIn(world, again)).toEqual(Array.from({ length: ROWS }, (_, row) => row));
    expect(world.redriveSegments.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS);
  }

  /** Of the records that the segments name. */
  function rowsIn(
    world: RedriveWorld,
    segments: readonly { base: string; count: number; attempt: number }[],
  ): number[] {
    const rows: number[] = [];
    for (const { base, count, attempt } of segments) {
      for (let i = 0; i < count; i++) {
        const { headers } = world.topic[Number(base) + i - ROWS]!;
        expect(String(headers!['os-attempt'])).toBe(String(attempt));
        rows.push(Number(String(headers!['os-row'])));
      }
    }
    return rows.sort((a, b) => a - b);
  }

  it('sends each record once while nothing happens to it', async () => {
    const world = new RedriveWorld(ROWS);
    expect(await world.work()).toBe(true);
    expectWorkedOff(world);
    expect(world.topic).toHaveLength(ROWS);
  });

  it.each([
    ['before', false],
    ['after', true],
  ])('killed %s any of its writes is gone on with, and every row counts once', async (_, after) => {
    const writes = await writesOfOne();
    for (let dieAt = 1; dieAt <= writes; dieAt++) {
      const world = new RedriveWorld(ROWS);
      expect(await world.work({ dieAt, after })).toBe(false);
      expect(await world.work()).toBe(true);
      expectWorkedOff(world);
    }
  });

  it('killed twice, at any two of them, too', async () => {
    const writes = await writesOfOne();
    for (let first = 1; first <= writes; first += 5) {
      for (let second = 1; second <= writes; second += 3) {
        const world = new RedriveWorld(ROWS);
        await world.work({ dieAt: first, after: true });
        await world.work({ dieAt: second });
        expect(await world.work()).toBe(true);
        expectWorkedOff(world);
      }
    }
  });

  it.each([
    ['that never had a key', undefined],
    ['whose key has run out', 'k'],
  ])('works off the letters of an interrupted job %s: nobody can go on with it', async (_, idempotencyKey) => {
    const world = new RedriveWorld(ROWS);
    world.job = { ...world.job, state: 'interrupted', idempotencyKey };
    expect(await world.work()).toBe(true);
    expectWorkedOff(world);
    expect(world.job.state).toBe('interrupted');
  });

  it('leaves those of an interrupted upload whose key still stands', async () => {
    const world = new RedriveWorld(ROWS);
    world.job = { ...world.job, state: 'interrupted', idempotencyKey: 'k' };
    world.jobByKey.set('k', world.job.id);
    expect(await world.work()).toBe(true);
    expect(world.topic).toEqual([]);
    expect(world.warnings).toEqual([
      expect.stringMatching(/^10 letters are left open: .*Idempotency-Key still stands/),
    ]);
  });

  it('closes the copy of a record that it has sent, and sends what only names the row of another', async () => {
    const world = new RedriveWorld(ROWS);
    const copy = world.addBeside(0);
    const foreign = [
      world.addBeside(0, { value: Buffer.from('{"a":1}') }),
      world.addBeside(1, { key: null }),
      world.addBeside(2, { writeTimeMicros: 7n }),
    ];
    expect(await world.work()).toBe(true);
    expect([copy, ...foreign].map((id) => world.letters.get(id)!.state)).toEqual(Array(4).fill('closed'));
    expect(world.topic).toHaveLength(ROWS + foreign.length);
    expect(world.topic.filter(({ value }) => String(value) === '{"a":1}')).toHaveLength(1);
    expect(world.job).toMatchObject({ published: ROWS, rejectedInSink: 0 });
  });

  it('does not bring the old content of a repaired row back from a copy of its record', async () => {
    const world = new RedriveWorld(ROWS);
    world.letters.get('orders-0-0')!.state = 'repaired';
    world.marks.set(0, 2);
    world.segments.push({
      topic: 'orders',
      partition: 0,
      seq: 1,
      base: '500',
      count: 1,
      firstRow: 0,
      lastRow: 0,
      attempt: 2,
    });
    world.job = { ...world.job, stored: 1, rejectedInSink: ROWS - 1, rejectedByCode: { refused_by_store: ROWS - 1 } };
    const copy = world.addBeside(0);
    const foreign = world.addBeside(0, { value: Buffer.from('{"a":1}') });
    expect(await world.work()).toBe(true);
    expect(world.letters.get(copy)!.state).toBe('repaired');
    expect(world.letters.get(foreign)!.state).toBe('closed');
    const ofRow0 = world.topic.filter(({ headers }) => String(headers!['os-row']) === '0');
    expect(ofRow0.map(({ value }) => String(value))).toEqual(['{"a":1}']);
  });
});
