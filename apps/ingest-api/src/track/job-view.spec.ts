import fc from 'fast-check';
import { mergeCodes, viewOf, type JobFacts } from './job-view.js';

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
        const outcome = { passed: stored + rejectedInSink, rejectedInSink, rejectedByCode: new Map() };
        const { counts } = viewOf(facts({ accepted, published: accepted, rejectedAtDoor }), [], outcome, 0);
        expect(counts.received).toBe(counts.accepted + counts.rejectedAtDoor);
        expect(counts.accepted).toBe(counts.stored + counts.rejectedInSink + counts.pending);
        expect(counts).toMatchObject({ stored, rejectedInSink, pending, rejected: rejectedAtDoor + rejectedInSink });
      }),
    );
  });

  it('never derives settled counts again', () => {
    const settled = facts({ accepted: 5, stored: 4, rejectedInSink: 1, settledAtMs: 1, state: 'stored' });
    const later = { passed: 0, rejectedInSink: 0, rejectedByCode: new Map() };
    expect(viewOf(settled, [], later, 0).counts).toMatchObject({ stored: 4, rejectedInSink: 1, pending: 0 });
  });

  it('adds the rows of a repair to what stands, and links to the rejects while there are any', () => {
    const reopened = facts({ accepted: 8, stored: 4, rejectedInSink: 1, settledAtMs: null });
    const outcome = { passed: 2, rejectedInSink: 1, rejectedByCode: new Map([['bad_int', 1]]) };
    const { counts, links } = viewOf(reopened, [], outcome, 0);
    expect(counts).toMatchObject({ stored: 5, rejectedInSink: 2, pending: 1 });
    expect(links.rejects).toBe('/jobs/j/rejects.csv');
    expect(viewOf(facts({ accepted: 8 }), [], undefined, 0).links).toEqual({ self: '/jobs/j' });
  });

  it('says nothing is stored while nobody can be asked, and estimates from the drain rate', () => {
    expect(viewOf(facts({ accepted: 100 }), [], undefined, 50)).toMatchObject({
      counts: { stored: 0, pending: 100 },
      estimatedSeconds: 2,
    });
    expect(viewOf(facts({ accepted: 100 }), [], undefined, 0).estimatedSeconds).toBeNull();
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
