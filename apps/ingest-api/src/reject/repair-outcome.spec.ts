import type { LetterPosition, StoredJob } from '@orderstream/cassandra';
import type { OpenReject, OpenRejects } from './open-rejects.js';
import { RepairOutcome } from './repair-outcome.js';

const code = 'refused_by_store';
const inSink = (row: number): OpenReject => ({
  row,
  code,
  letter: { id: `l${row}` } as LetterPosition,
  hasNewReason: false,
});
const atDoor = (row: number): OpenReject => ({ row, code: 'bad_number', hasNewReason: false });

/** What the counts of a settled job of ten published rows are once the first `good` of its rejects are published again. */
function after(
  job: Partial<StoredJob>,
  { rejects, good, discarded = 0 }: { rejects: OpenReject[]; good: number; discarded?: number },
) {
  const open = {
    byRow: new Map(rejects.map((reject) => [reject.row, reject])),
    closedCodes: Array<string>(discarded).fill(code),
  } as unknown as OpenRejects;
  const outcome = new RepairOutcome(open);
  for (const reject of rejects.slice(0, good)) outcome.good(reject);
  const settled = { state: 'stored', accepted: 10, published: 10, rejectedAtDoor: 0, ...job } as StoredJob;
  const change = outcome.changeOf(settled);
  return { ...change, pending: change.accepted! - change.stored! - change.rejectedInSink! };
}

describe('the counts of a job of which rows are published again', () => {
  it('move by these rows, which are pending', () => {
    const counts = after({ stored: 7, rejectedInSink: 3 }, { rejects: [1, 2].map(inSink), good: 2, discarded: 1 });
    expect(counts).toMatchObject({ stored: 7, rejectedInSink: 1, pending: 2, rejectedByCode: { [code]: 1 } });
  });

  it('never become negative by letters that came after it was settled: their rows were counted as stored', () => {
    const rejects = [1, 2, 3].map(inSink);
    expect(after({ stored: 9, rejectedInSink: 1 }, { rejects, good: 3 })).toMatchObject({
      stored: 7,
      rejectedInSink: 0,
      pending: 3,
    });
    expect(after({ stored: 9, rejectedInSink: 1 }, { rejects, good: 1 })).toMatchObject({
      stored: 8,
      rejectedInSink: 1,
      pending: 1,
    });
    expect(after({ stored: 10, rejectedInSink: 0 }, { rejects, good: 2 })).toMatchObject({
      stored: 8,
      rejectedInSink: 0,
      pending: 2,
    });
  });

  it('leave rows whose letters have expired rejected', () => {
    const counts = after({ stored: 5, rejectedInSink: 5 }, { rejects: [inSink(1)], good: 1 });
    expect(counts).toMatchObject({ stored: 5, rejectedInSink: 4, pending: 1 });
  });

  it('never become negative by rows of the door that a killed process had not counted yet', () => {
    const counts = after(
      { stored: 10, rejectedInSink: 0, rejectedAtDoor: 1 },
      { rejects: [1, 2].map(atDoor), good: 2 },
    );
    expect(counts).toMatchObject({ accepted: 12, published: 12, rejectedAtDoor: 0, pending: 2 });
  });
});
