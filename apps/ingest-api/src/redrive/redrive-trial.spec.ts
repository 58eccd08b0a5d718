import type { DeadLetterRepository, StoredDeadLetter } from '@orderstream/cassandra';
import { SchemaCatalog } from '@orderstream/schemas';
import { compileStream, ORDERS } from '@orderstream/streams';
import { Parking } from './parking.js';
import { RedriveTrial } from './redrive-trial.js';

const DAY_S = 86_400;
const ORDER = {
  order_id: 'o',
  product: 'p',
  category: 'books',
  quantity: 1,
  price: '1',
  timestamp: '2026-01-01T00:00:00Z',
};

/** An open letter whose record was written so many days ago. */
const letter = (n: number, days: number, attempt = 1): StoredDeadLetter =>
  ({
    id: `orders-0-${n}`,
    topic: 'orders',
    stream: 'orders',
    partition: 0,
    offset: String(n),
    code: 'refused_by_store',
    reason: 'why',
    state: 'open',
    attempt,
    writeTimeMicros: BigInt(Date.now() - days * DAY_S * 1_000) * 1_000n,
    key: Buffer.from('books'),
    value: Buffer.from(JSON.stringify(ORDER)),
    headers: new Map(),
  }) as unknown as StoredDeadLetter;

describe('the dry run of a redrive', () => {
  it('says what would be parked', async () => {
    const all = [letter(0, 1), letter(1, 11), letter(2, 1, 5), letter(3, 12)];
    const letters = {
      async *summaries() {
        yield await Promise.resolve(all);
      },
      find: (id: string) => Promise.resolve(all.find((one) => one.id === id)),
    } as unknown as DeadLetterRepository;
    const parking = new Parking(new Map([['orders', { gcGraceSeconds: () => Promise.resolve(10 * DAY_S) }]]));
    const trial = new RedriveTrial(
      letters,
      new SchemaCatalog(undefined),
      () => compileStream(ORDERS),
      () => parking,
    );
    const report = await trial.run({ selection: { group: 'g' }, rate: 500 });
    expect(report).toMatchObject({ letters: 4, sample: 4, passed: 1, failed: 3 });
    expect(report.failures).toMatchObject([
      { code: 'parked', count: 3, examples: [{ id: 'orders-0-1' }, { id: 'orders-0-2' }, { id: 'orders-0-3' }] },
    ]);
  });

  it('says that a row would be refused for the time of its field, as the sink does', async () => {
    const ahead = { ...ORDER, timestamp: new Date(Date.now() + 3 * DAY_S * 1_000).toISOString() };
    const all = [letter(0, 1), { ...letter(1, 1), value: Buffer.from(JSON.stringify(ahead)) }];
    const letters = {
      async *summaries() {
        yield await Promise.resolve(all);
      },
      find: (id: string) => Promise.resolve(all.find((one) => one.id === id)),
    } as unknown as DeadLetterRepository;
    const parking = new Parking(new Map([['orders', { gcGraceSeconds: () => Promise.resolve(10 * DAY_S) }]]));
    const timed = compileStream({ ...ORDERS, writeTimeFrom: 'timestamp' });
    const trial = new RedriveTrial(
      letters,
      new SchemaCatalog(undefined),
      () => timed,
      () => parking,
    );
    const report = await trial.run({ selection: { group: 'g' }, rate: 500 });
    expect(report.failures).toMatchObject([{ code: 'write_time_in_future', examples: [{ id: 'orders-0-1' }] }]);
  });
});
