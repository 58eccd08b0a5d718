import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { DeadLetterQuery } from './dead-letter.query.js';
import { GenerateQuery } from './generate.query.js';
import { JobQuery } from './job.query.js';
import { ReconcileQuery } from './reconcile.query.js';

/** Every query with a time in it. */
const TIMES = [
  ['dead letters', DeadLetterQuery, 'from'],
  ['dead letters', DeadLetterQuery, 'to'],
  ['jobs', JobQuery, 'from'],
  ['jobs', JobQuery, 'to'],
  ['reconcile', ReconcileQuery, 'from'],
  ['reconcile', ReconcileQuery, 'to'],
  ['generate', GenerateQuery, 'startTime'],
] as const;

const wrong = (dto: new () => object, fields: object): string[] =>
  validateSync(plainToInstance(dto, { rate: '1', ...fields })).map(({ property }) => property);

describe.each(TIMES)('a time in a query: %s', (_, dto, field) => {
  it.each(['2026-W10', '20260101T000000Z', '2026-02-30', '2026-060', 'now', ''])(`%p is refused as ${field}`, (time) =>
    expect(wrong(dto, { [field]: time })).toEqual([field]),
  );

  it.each(['2026-01-31', '2026-01-31T12:00Z', '2026-01-31T12:00:00.123+02:00'])(`%p is taken as ${field}`, (time) =>
    expect(wrong(dto, { [field]: time })).toEqual([]),
  );
});

describe('the job of dead letters', () => {
  it.each(['abc', '', '00000000-0000-4000-8000-00000000000g'])('%p is no id', (job) =>
    expect(wrong(DeadLetterQuery, { job })).toEqual(['job']),
  );
  it('is a UUID', () => expect(wrong(DeadLetterQuery, { job: '00000000-0000-0000-0000-000000000001' })).toEqual([]));
});
