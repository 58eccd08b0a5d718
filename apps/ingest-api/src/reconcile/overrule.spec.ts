import type { Overrule, RowWriteTimes } from '@orderstream/cassandra';
import type { OutMessage, PartitionProducer } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import { builtInStreams, compileStream, StreamRegistry } from '@orderstream/streams';
import { ValueEncoding } from '../publish/value-encoding.js';
import { KeyedWrites } from './keyed-writes.js';
import { LetteredPlaces } from './lettered-places.js';
import type { Written } from './mend-batches.js';
import { Overruling } from './overrule.js';
import { Suspect } from './suspect.js';

const NOW_MS = 1_700_000_000_000;
const orders = new StreamRegistry(builtInStreams()).byName('orders')!;
const ORDER = { order_id: 'o-1', product: 'Lamp', category: 'home', quantity: 3, price: '12.50', timestamp: NOW_MS };
/** customer_name, product, category, quantity, price, timestamp, total_amount and the four of the lineage */
const CELLS = 11;

const recordOf = (value: object, offset = '7') => ({
  key: Buffer.from('home'),
  value: Buffer.from(JSON.stringify(value)),
  offset,
  timestamp: String(NOW_MS),
});
const foundWith = (times: Record<number, bigint>): RowWriteTimes => ({
  cells: Array.from({ length: CELLS }, (_, c) => times[c]),
  place: undefined,
});

/** Real but for Kafka, the audit and the log, which note what they get. */
function rig(openBase?: bigint, stream = orders) {
  const sent: OutMessage[] = [];
  const audited: Overrule[] = [];
  const warned: string[] = [];
  const producer = {
    partitionCount: async () => 3,
    send: async (_topic: string, _partition: number, messages: readonly OutMessage[]) => {
      expect(audited).toHaveLength(sent.length + 1); // written down before it is sent
      sent.push(...messages);
      return { baseOffset: '41' };
    },
  } as unknown as PartitionProducer;
  const log = { warn: (fields: { reason?: string }) => warned.push(fields.reason ?? 'overruled') } as unknown as Log;
  const audit = { add: async (overrule: Overrule) => void audited.push(overrule) };
  const overruling = new Overruling(
    { producer, audit, log, values: new ValueEncoding(false), publishTimeoutMs: 1_000 },
    stream,
    'id-1',
  );
  const overrule = (found: RowWriteTimes | undefined, values: object[], lost = 0) => {
    const writes = new KeyedWrites(stream, new LetteredPlaces());
    const keyed = values.map((value, n) => writes.read(0, recordOf(value, String(7 + n)))!);
    const suspect = new Suspect(writes.foldOf(['o-1']), found, {
      isWhole: true,
      isExpired: () => false,
      asOfMicros: NOW_MS * 1000,
      openBase,
    });
    for (const each of keyed) suspect.take(each, true);
    const fault = { kind: 'foreign', cell: 1, found: found?.cells[1] } as const;
    const written: Written[] = keyed.slice(lost);
    return overruling.overrule({ suspect, fault, found }, written);
  };
  return { overrule, sent, audited, warned };
}

describe('Overruling', () => {
  it('writes above what was found, even where that is ahead of the clock', async () => {
    const { overrule, sent, audited } = rig();
    const ahead = BigInt(NOW_MS) * 1000n + 3_600_000_000n;
    const done = await overrule(foundWith({ 1: ahead }), [ORDER]);
    expect(done).toMatchObject({
      newWriteTimeMicros: String(ahead + 1n),
      receipt: 'orders:1:41',
      key: { order_id: 'o-1' },
    });
    expect(sent[0]!.headers).toMatchObject({ 'os-write-time': String(ahead + 1n), 'os-overrules': 'id-1' });
    expect(audited).toMatchObject([{ fault: 'foreign', newWriteTimeMicros: ahead + 1n, foundWriteTimeMicros: ahead }]);
  });

  it('takes the time at which the log was read where that is later, so that an update since then wins', async () => {
    const { overrule, sent } = rig();
    await overrule(undefined, [ORDER]);
    expect(sent[0]!.headers).toMatchObject({ 'os-write-time': String(NOW_MS * 1000) });
  });

  it('leaves alone what is more than a day ahead: the sink would refuse it', async () => {
    const { overrule, sent, warned } = rig();
    expect(await overrule(foundWith({ 1: BigInt(NOW_MS) * 1000n + 90_000_000_000n }), [ORDER])).toBeUndefined();
    expect(sent).toEqual([]);
    expect(warned).toEqual(['it was written by hand more than a day ahead of now']);
  });

  it('makes the row of every record that has a part in it, and clears what a hand has added', async () => {
    const { overrule, sent } = rig();
    await overrule(foundWith({ 0: 5n }), [ORDER, { ...ORDER, product: 'Chair' }]);
    expect(JSON.parse(String(sent[0]!.value))).toMatchObject({ product: 'Chair', customer_name: null, price: '12.50' });
    expect(sent[0]!.headers).toMatchObject({ 'os-blank': 'clear' });
    expect(sent[0]!.key).toBe('home');
  });

  it('publishes nothing where the time of a field decides, for no record could win', async () => {
    const timed = compileStream({ ...orders.definition, writeTimeFrom: 'timestamp' });
    const { overrule, sent, audited, warned } = rig(undefined, timed);
    expect(await overrule(foundWith({ 1: BigInt(NOW_MS) * 1000n + 5n }), [ORDER])).toBeUndefined();
    expect([sent, audited, warned]).toEqual([[], [], [expect.stringContaining('the time of a field decides')]]);
  });

  it('publishes nothing where a record is past its retention', async () => {
    const { overrule, sent, warned } = rig();
    expect(await overrule(foundWith({ 0: 5n }), [ORDER], 1)).toBeUndefined();
    expect([sent, warned]).toEqual([[], ['its records are past their retention']]);
  });

  it('stays below the rows of a job under way, which are newer than what the log has', async () => {
    const { overrule, sent } = rig(BigInt(NOW_MS) * 1000n - 5_000n);
    await overrule(foundWith({ 1: BigInt(NOW_MS) * 1000n - 9_000n }), [ORDER]);
    expect(sent[0]!.headers).toMatchObject({ 'os-write-time': String(NOW_MS * 1000 - 5_001) });
  });

  it('leaves a row alone that was written after a job under way began: one write time cannot be between them', async () => {
    const { overrule, sent, warned } = rig(BigInt(NOW_MS) * 1000n - 9_000n);
    expect(await overrule(foundWith({ 1: BigInt(NOW_MS) * 1000n - 5_000n }), [ORDER])).toBeUndefined();
    expect([sent, warned]).toEqual([[], [expect.stringContaining('under way')]]);
  });
});
