import fc from 'fast-check';
import type { JobFacts } from './job-facts.js';
import { mergeCodes, viewOf } from './job-view.js';

const facts = (more: Partial<JobFacts>): JobFacts => ({
  id: 'j',
  kind: 'upload',
  stream: 'orders',
  state: 'published',
  sourceName: 'a.csv',
  sourceBytes: 1,
  sourceSha256: null,
  accepted: 0,
  published: 0,
  rejectedAtDoor: 0,
  rejectedByCode: {},
  warnings: [],
  failure: null,
  createdAtMs: 0,
  publishedAtMs: null,
  settledAtMs: null,
  stored: null,
  rejectedInSink: null,
  ...more,
});

describe('viewOf', () => {
  it('keeps received = accepted + rejectedAtDoor and accepted = stored + rejectedInSink + pending', () => {
    const nat = fc.nat(1000);
    fc.assert(
      fc.property(nat, nat, nat, nat, (stored, rejectedInSink, pending, rejectedAtDoor) => {
        const accepted = stored + rejectedInSink + pending;
        const outcome = {
          published: 1_000,
          passed: stored + rejectedInSink,
          rejectedInSink,
          rejectedByCode: new Map(),
          secondsLeft: 0,
        };
        const { counts } = viewOf(facts({ accepted, published: accepted, rejectedAtDoor }), [], outcome);
        expect(counts.received).toBe(counts.accepted + counts.rejectedAtDoor);
        expect(counts.accepted).toBe(counts.stored + counts.rejectedInSink + counts.pending);
        expect(counts).toMatchObject({ stored, rejectedInSink, pending, rejected: rejectedAtDoor + rejectedInSink });
      }),
    );
  });

  it('never derives settled counts again', () => {
    const settled = facts({ accepted: 5, stored: 4, rejectedInSink: 1, settledAtMs: 1, state: 'stored' });
    const later = { published: 1_000, passed: 0, rejectedInSink: 0, rejectedByCode: new Map(), secondsLeft: 0 };
    expect(viewOf(settled, [], later).counts).toMatchObject({ stored: 4, rejectedInSink: 1, pending: 0 });
  });

  it('adds the rows of a repair to what stands, and links to the rejects while there are any', () => {
    const reopened = facts({ accepted: 8, stored: 4, rejectedInSink: 1, settledAtMs: null });
    const outcome = {
      published: 1_000,
      passed: 2,
      rejectedInSink: 1,
      rejectedByCode: new Map([['bad_int', 1]]),
      secondsLeft: 0,
    };
    const { counts, links } = viewOf(reopened, [], outcome);
    expect(counts).toMatchObject({ stored: 5, rejectedInSink: 2, pending: 1 });
    expect(links.rejects).toBe('/jobs/j/rejects.csv');
    expect(viewOf(facts({ accepted: 8 }), [], undefined).links).toEqual({ self: '/jobs/j' });
  });

  it('says nothing is stored, and estimates nothing, while nobody could ever be asked', () => {
    expect(viewOf(facts({ accepted: 100 }), [], undefined)).toMatchObject({
      counts: { stored: 0, pending: 100 },
      estimatedSeconds: null,
    });
    const outcome = { published: 1_000, passed: 40, rejectedInSink: 0, rejectedByCode: new Map(), secondsLeft: 2.345 };
    expect(viewOf(facts({ accepted: 100 }), [], outcome).estimatedSeconds).toBe(2.3);
    expect(viewOf(facts({ accepted: 40 }), [], outcome).estimatedSeconds).toBe(0);
  });

  it('adds the codes of both stages', () => {
    expect(
      mergeCodes(
        { bad_int: 2 },
        new Map([
          ['bad_int', 1],
          ['refused_by_store', 3],
        ]),
      ),
    ).toEqual({ bad_int: 3, refused_by_store: 3 });
  });
});
