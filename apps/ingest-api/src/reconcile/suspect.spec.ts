import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { KeyedWrites } from './keyed-writes.js';
import { LetteredPlaces } from './lettered-places.js';
import { Suspect } from './suspect.js';

const orders = new StreamRegistry(builtInStreams()).byName('orders')!;
const NOW_MS = 1_700_000_000_000;
const ORDER = { order_id: 'o-1', product: 'Lamp', category: 'home', quantity: 3, price: '12.50', timestamp: NOW_MS };
const recordOf = (offset: string, ms: number) => ({
  key: Buffer.from('home'),
  value: Buffer.from(JSON.stringify(ORDER)),
  offset,
  timestamp: String(ms),
});
/** product, category, quantity, price, timestamp, total_amount and the lineage; no customer name */
const rowAt = (ms: number, offset: number) => {
  const time = BigInt(ms) * 1000n + BigInt(offset);
  return {
    cells: [undefined, ...Array.from({ length: 10 }, () => time)],
    place: { partition: 0, offset: String(offset) },
  };
};

describe('a record with a dead letter', () => {
  const lettered = new LetteredPlaces();
  lettered.add(0, '8');
  const writes = new KeyedWrites(orders, lettered);
  const suspectOf = (found: ReturnType<typeof rowAt> | undefined) => {
    const known = { isWhole: true, isExpired: () => false, asOfMicros: (NOW_MS + 60_000) * 1000, openBase: undefined };
    const suspect = new Suspect(writes.foldOf(['o-1']), found, known);
    suspect.take(writes.read(0, recordOf('7', NOW_MS))!, true);
    suspect.take(writes.read(0, recordOf('8', NOW_MS + 1_000))!, true);
    return suspect;
  };

  it('has no part in the row that must be there', () => {
    expect(suspectOf(rowAt(NOW_MS, 7)).verdictOn(rowAt(NOW_MS, 7))).toEqual({ kind: 'right' });
    expect(suspectOf(undefined).verdictOn(undefined)).toMatchObject({ kind: 'missing' });
    expect(suspectOf(undefined).fold.writers.map(({ offset }) => offset)).toEqual(['7']);
  });

  it('is not taken for a hand that has written, when it was stored all the same', () => {
    const found = rowAt(NOW_MS + 1_000, 8);
    expect(suspectOf(found).verdictOn(found)).toEqual({ kind: 'right' });
    const byHand = rowAt(NOW_MS + 2_000, 9);
    expect(suspectOf(byHand).verdictOn(byHand)).toMatchObject({ kind: 'foreign' });
  });
});
