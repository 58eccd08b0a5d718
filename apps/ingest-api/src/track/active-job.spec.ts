import type { Segment } from '@orderstream/contracts';
import { ActiveJob } from './active-job.js';

const job = () =>
  new ActiveJob({
    id: 'j',
    kind: 'upload',
    stream: 'orders',
    sourceName: 'a.csv',
    writeTimeBase: 1,
    createdAt: new Date(0),
  });
const segment = (partition: number, base: string, count: number, firstRow: number, lastRow: number): Segment => ({
  topic: 'orders',
  partition,
  base,
  count,
  firstRow,
  lastRow,
  attempt: 1,
});

describe('ActiveJob', () => {
  it('counts received = accepted + rejected, and rejects by code', () => {
    const active = job();
    active.acknowledge(segment(0, '10', 5, 2, 9));
    active.reject('bad_int');
    active.reject('bad_int');
    active.reject('nul_byte');
    expect([active.received, active.accepted, active.rejectedAtDoor]).toEqual([8, 5, 3]);
    expect(active.rejectedByCode).toEqual({ bad_int: 2, nul_byte: 1 });
  });

  it('keeps one segment for sends that adjoin in their partition, and another one behind a foreign record', () => {
    const active = job();
    active.acknowledge(segment(0, '10', 5, 2, 9));
    active.acknowledge(segment(1, '7', 3, 3, 8));
    active.acknowledge(segment(0, '15', 5, 10, 20));
    active.acknowledge(segment(0, '21', 1, 21, 21));
    expect(active.segments).toEqual([
      segment(0, '10', 10, 2, 20),
      segment(1, '7', 3, 3, 8),
      segment(0, '21', 1, 21, 21),
    ]);
    expect(active.published).toBe(14);
  });

  it('begins a segment where rows lie before those of the one it adjoins, so that rows of a segment ascend', () => {
    const active = job();
    active.acknowledge(segment(0, '10', 2, 5, 9));
    active.acknowledge(segment(0, '12', 2, 2, 7));
    active.acknowledge(segment(0, '14', 1, 8, 8));
    expect(active.segments).toEqual([segment(0, '10', 2, 5, 9), segment(0, '12', 3, 2, 8)]);
  });
});
