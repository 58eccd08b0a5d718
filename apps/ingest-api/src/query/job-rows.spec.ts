import { LETTER_TTL_S } from '@orderstream/cassandra';
import { outcomeWithoutLetter } from './job-rows.js';

const CREATED = '2026-01-01T00:00:00.000Z';
const EXPIRES_MS = Date.parse(CREATED) + LETTER_TTL_S * 1000;
const NONE = {
  received: 5,
  accepted: 5,
  published: 5,
  stored: 5,
  rejected: 0,
  rejectedAtDoor: 0,
  rejectedInSink: 0,
  pending: 0,
};
const TWO = { ...NONE, stored: 3, rejected: 2, rejectedInSink: 2 };

describe('a row that the sink has passed and that has no dead letter', () => {
  it('is stored while the dead letters of its job are kept', () => {
    expect(outcomeWithoutLetter({ counts: TWO, createdAt: CREATED }, EXPIRES_MS - 1)).toBe('stored');
  });

  it('is not called stored once the letter that it may have had has expired', () => {
    expect(outcomeWithoutLetter({ counts: TWO, createdAt: CREATED }, EXPIRES_MS)).toBe('unknown');
  });

  it('is stored for ever when the sink has refused no row of its job', () => {
    expect(outcomeWithoutLetter({ counts: NONE, createdAt: CREATED }, EXPIRES_MS)).toBe('stored');
  });
});
