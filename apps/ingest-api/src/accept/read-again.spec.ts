import { MAX_RAW_BYTES } from '@orderstream/cassandra';
import { builtInStreams, StreamRegistry } from '@orderstream/streams';
import { RejectLimit } from '../reject/reject-limit.js';
import { BodyDigest } from './body-digest.js';
import { ReadAgain, readAgain } from './read-again.js';
import type { Reject, RowBatch } from './row-batch.js';

const users = new StreamRegistry(builtInStreams()).byName('users')!;
const fault = { code: 'bad_int', reason: 'No.' } as const;
const reject = (row: number, raw: Buffer | string = 'raw'): Reject => ({ row, faults: [fault], raw });
const batch = (rowNumbers: number[], rejects: Reject[] = []): RowBatch => ({
  stream: users,
  rows: rowNumbers.map((row) => [`id-${row}`]),
  rowNumbers,
  rejects,
});
/** Everything above row 100 is still to be sent, row 90 is too large. */
const publisher = {
  unsentOf: (_: unknown, rowNumbers: readonly number[]) => ({
    indices: rowNumbers.flatMap((row, i) => (row > 100 ? [i] : [])),
    refused: rowNumbers.filter((row) => row === 90).map((row) => ({ row, fault, json: '{}' })),
  }),
};
const partOf = (keptThrough = -1, maxRejects?: string) =>
  new ReadAgain(publisher, RejectLimit.of(maxRejects), keptThrough);

describe('what is read again', () => {
  it('holds the rows that are to be sent, and counts the others', () => {
    const part = partOf();
    part.add(batch([1, 2, 99]));
    part.add(batch([100, 101, 102]));
    expect(part).toMatchObject({ received: 6, rowNumbers: [101, 102], rows: [['id-101'], ['id-102']], lastRow: 102 });
  });

  it('holds the rejects that are not kept yet, rows too large for Kafka among them, and counts the others', () => {
    const part = partOf(50);
    part.add(batch([1, 90], [reject(2), reject(50), reject(51)]));
    expect(part.rejects.map(({ row }) => row)).toEqual([51, 90]);
    expect(part).toMatchObject({ received: 5, rejectedAtDoor: 4, keptBefore: { count: 2, bytes: 6, through: 50 } });
    expect(part.rejectedByCode).toEqual(new Map([['bad_int', 4]]));
  });

  it('is bounded in rejects, by number and by bytes, and says what it could not hold', () => {
    const many = partOf();
    for (let n = 0; n < 20; n++)
      many.add(
        batch(
          [],
          Array.from({ length: 1_000 }, (_, i) => reject(n * 1_000 + i)),
        ),
      );
    expect(many).toMatchObject({ rejectedAtDoor: 20_000, rejects: { length: 10_000 } });
    expect(many.keptBefore.warnings).toEqual([expect.stringContaining('could not be kept')]);
    const large = partOf();
    const raw = Buffer.alloc(MAX_RAW_BYTES);
    for (let n = 0; n < 300; n++) large.add(batch([], [reject(n, raw)]));
    expect(large.rejects.length).toBe(256);
  });

  it('says that the cap of kept rejects was passed, as the upload did that was interrupted', () => {
    const part = partOf(200_000);
    for (let n = 0; n < 101; n++)
      part.add(
        batch(
          [],
          Array.from({ length: 1_000 }, (_, i) => reject(n * 1_000 + i)),
        ),
      );
    expect(part.keptBefore).toMatchObject({ count: 100_000, warnings: [expect.stringContaining('only the first')] });
  });

  it('ends at the row at which there are too many rejects', () => {
    const part = partOf(-1, '1');
    part.add(batch([101, 102, 105], [reject(103), reject(104)]));
    part.add(batch([106]));
    expect(part).toMatchObject({ received: 4, rowNumbers: [101, 102], stop: 104 });
  });
});

describe('reading again', () => {
  const PIECES = ['ab', 'cd', 'ef'];
  const digestOf = (text: string) => {
    const digest = new BodyDigest();
    digest.expect(undefined);
    digest.add(Buffer.from(text));
    return digest.soFar();
  };
  /** A batch per piece; `row` n is that of piece n. */
  async function* batchesOf(digest: BodyDigest, failure?: Error): AsyncGenerator<RowBatch, void, void> {
    for (const [i, piece] of PIECES.entries()) {
      digest.add(Buffer.from(piece));
      if (failure && i === 1) throw failure;
      yield batch([101 + i]);
    }
  }
  const read = async (earlier: string, failure?: Error) => {
    const digest = new BodyDigest();
    digest.expect(digestOf(earlier));
    const part = partOf();
    const batches = batchesOf(digest, failure);
    const answer = await readAgain({ digest }, batches, part);
    const rest: number[] = [];
    for await (const { rowNumbers } of batches) rest.push(...rowNumbers);
    return { answer, held: part.rowNumbers, rest };
  };

  it('ends with the batch at which it is sure; the rest is read by whoever goes on', async () => {
    expect(await read('abc')).toEqual({ answer: undefined, held: [101, 102], rest: [103] });
    expect(await read('abcdef')).toEqual({ answer: undefined, held: [101, 102, 103], rest: [] });
  });

  it.each([
    ['another beginning', 'xbc'],
    ['a shorter body', 'abcdefg'],
  ])('of %s is refused', async (_, earlier) => {
    await expect(read(earlier)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('throws what breaks the body before it is sure, and answers what breaks it then', async () => {
    const failure = new Error('broken');
    await expect(read('abcde', failure)).rejects.toBe(failure);
    expect(await read('abc', failure)).toEqual({ answer: failure, held: [101], rest: [] });
  });
});
