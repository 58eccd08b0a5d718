import fc from 'fast-check';
import { PartitionBatcher, type PartitionBatch } from './partition-batcher.js';
import { WriteClock } from './write-clock.js';

describe('PartitionBatcher', () => {
  it('gives every row out once, in order within its partition, under both limits', () => {
    const rows = fc.array(fc.record({ partition: fc.nat(2), size: fc.integer({ min: 1, max: 600 }) }));
    fc.assert(
      fc.property(rows, (specs) => {
        const batches: PartitionBatch[] = [];
        const batcher = new PartitionBatcher({ maxRows: 5, maxBytes: 1000 }, (batch) => batches.push(batch));
        specs.forEach(({ partition, size }, row) =>
          batcher.add(partition, { key: String(row), value: Buffer.alloc(size) }, row),
        );
        batcher.flush();
        for (const partition of [0, 1, 2]) {
          const given = batches
            .filter((b) => b.partition === partition)
            .flatMap((b) => b.messages.map((m) => Number(m.key)));
          expect(given).toEqual(specs.flatMap((spec, row) => (spec.partition === partition ? [row] : [])));
        }
        for (const { messages, firstRow, lastRow } of batches) {
          const bytes = messages.reduce((sum, m) => sum + m.value!.length, 0);
          expect(messages.length <= 5 && (messages.length === 1 || bytes <= 1000)).toBe(true);
          expect([firstRow, lastRow].map(String)).toEqual([messages[0]!.key, messages.at(-1)!.key]);
        }
      }),
    );
  });
});

describe('PartitionBatcher with rows in any order', () => {
  it('gives each batch out ascending, with its first and last row', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000)), (rows) => {
        const batches: PartitionBatch[] = [];
        const batcher = new PartitionBatcher({ maxRows: 5, maxBytes: 1e6 }, (batch) => batches.push(batch));
        for (const row of rows) batcher.add(0, { key: String(row), value: null }, row);
        batcher.flush();
        const given = batches.map(({ messages }) => messages.map(({ key }) => Number(key)));
        expect(given).toEqual(batches.map((_, i) => rows.slice(i * 5, i * 5 + 5).sort((a, b) => a - b)));
        expect(batches.map(({ firstRow, lastRow }) => [firstRow, lastRow])).toEqual(
          given.map((each) => [each[0], each.at(-1)]),
        );
      }),
    );
  });
});

describe('WriteClock', () => {
  it('increases strictly, also when the wall clock stands still or steps back', () => {
    const times = [5, 5, 3, 9];
    const clock = new WriteClock(() => times.shift()!);
    expect([clock.next(), clock.next(), clock.next(), clock.next()]).toEqual([5000, 5001, 5002, 9000]);
  });
});
