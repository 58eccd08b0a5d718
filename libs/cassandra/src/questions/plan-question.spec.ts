import { defineStream, OLIST_ORDERS, ORDERS } from '@orderstream/streams';
import { answerableFilters, answerableSorts } from './answerable.js';
import { planQuestion } from './plan-question.js';
import { UnanswerableQuestion, type Comparison, type Filter, type Sort } from './question.js';

/** Partition of two columns, three clustering columns, and indexes inside and outside of the key. */
const VISITS = defineStream({
  name: 'visits',
  description: 'Every kind of column.',
  key: { fields: ['a'], separator: '_' },
  primaryKey: {
    partition: ['a', 'b'],
    clustering: [
      { field: 'c', order: 'asc' },
      { field: 'd', order: 'desc' },
      { field: 'e', order: 'asc' },
    ],
  },
  indexes: ['a', 'd', 'v', 'n', 'u'],
  fields: [
    { name: 'a', type: 'text', required: true },
    { name: 'b', type: 'text', required: true },
    { name: 'c', type: 'text', required: true },
    { name: 'd', type: 'timestamp', required: true },
    { name: 'e', type: 'text', required: true },
    { name: 'v', type: 'text' },
    { name: 'n', type: 'int' },
    { name: 'u', type: 'uuid' },
    { name: 'plain', type: 'text' },
  ],
});

const VALUES: Readonly<Record<string, string | number>> = { d: 1, n: 1, u: '00000000-0000-4000-8000-000000000000' };
const IS: Readonly<Record<string, Comparison>> = { '=': 'eq', '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' };

/** `a= d>=` as filters. */
const filtersOf = (text: string): Filter[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [, column, sign] = /^(\w+)(\W+)$/.exec(word)!;
      return { column: column!, is: IS[sign!]!, value: VALUES[column!] ?? 'x' };
    });

const ask = (filters: string, sort?: Sort) => planQuestion(VISITS, 'ks', { filters: filtersOf(filters), sort });

describe('a question', () => {
  // What Cassandra 5.0.9 answered without ALLOW FILTERING, tried one by one.
  it.each([
    '',
    'a= b=',
    'a= b= c=',
    'a= b= c>',
    'a= b= c= d>= d<',
    'a= b= c= d= e>',
    'a= b= d>',
    'a= b= v=',
    'a= b= c> v= n>',
    'a= b= c= d>= d< n>',
    'a=',
    'a= v= n>= n<',
    'd>',
    'd>= d< v= n>',
    'u=',
  ])('%s is one statement without filtering', (filters) => {
    const plan = ask(filters);
    if (plan instanceof UnanswerableQuestion) throw new Error(JSON.stringify(plan.faults));
    const where = filters.replaceAll(/(\w+)(\W+)(?= |$)/g, '$1 $2 ?').replaceAll('? ', '? AND ');
    expect(plan.query).toMatch(/^SELECT a, b, .* FROM ks\.visits/);
    expect(plan.query.split(' FROM ks.visits')[1]).toBe(where === '' ? '' : ` WHERE ${where}`);
    expect(plan.params).toHaveLength(filtersOf(filters).length);
    expect(plan.query).not.toContain('FILTERING');
  });

  it.each([
    ['b=', 'b', 'a part of the partition key: give all of a=, b='],
    ['b>', 'b', 'compared with = only'],
    ['a>', 'a', 'the index of a (text) knows = only'],
    ['c=', 'c', 'behind a, b: give these with = as well'],
    ['a= b= e=', 'e', 'behind c, d: give these with = as well'],
    ['a= b= c> e=', 'e', 'behind c, d'],
    ['a= b= c= d> e=', 'e', 'behind c, d'],
    ['u>', 'u', 'the index of u (uuid) knows = only'],
    ['v= plain=', 'plain', 'plain has no index'],
    ['a= b= plain=', 'plain', 'plain has no index'],
    ['nope=', 'nope', 'visits has no column nope'],
  ])('%s has no answer, because of %s', (filters, column, reason) => {
    const plan = ask(filters);
    expect(plan).toBeInstanceOf(UnanswerableQuestion);
    const { faults } = plan as UnanswerableQuestion;
    expect(faults.map((fault) => fault.column)).toEqual([column]);
    expect(faults[0]!.reason).toContain(reason);
  });

  it('is sorted where the clustering gives it', () => {
    for (const [filters, column] of [
      ['a= b=', 'c'],
      ['a= b= c=', 'd'],
      ['a= b= c= d> ', 'd'],
    ] as const) {
      const plan = ask(filters, { column, order: 'desc' });
      expect((plan as { query: string }).query).toMatch(new RegExp(` ORDER BY ${column} DESC$`));
    }
    for (const [filters, column, reason] of [
      ['', 'c', 'only where a, b are given'],
      ['a= b=', 'd', 'only where a, b, c are given'],
      ['a= b=', 'v', 'not kept in the order of v'],
      ['a= b= v=', 'c', 'rows that an index finds are in no order, and v needs one'],
      ['a=', 'c', 'only where a, b'],
    ] as const) {
      const plan = ask(filters, { column, order: 'asc' });
      expect((plan as UnanswerableQuestion).faults).toEqual([
        expect.objectContaining({ part: 'sort', column, reason: expect.stringContaining(reason) }),
      ]);
    }
  });
});

describe('what a table can be asked', () => {
  it('is said for each column, and each of it can be', () => {
    for (const definition of [VISITS, ORDERS, OLIST_ORDERS]) {
      for (const { column, type, ranges, with: beside } of answerableFilters(definition)) {
        const value = type === 'timestamp' || type === 'int' ? 1 : (VALUES[column] ?? 'x');
        const given: Filter[] = beside.map((each) => ({ column: each, is: 'eq', value: VALUES[each] ?? 'x' }));
        for (const is of ranges ? (['eq', 'gte', 'lt'] as const) : (['eq'] as const)) {
          const plan = planQuestion(definition, 'ks', { filters: [...given, { column, is, value }] });
          expect([column, is, plan]).not.toEqual([column, is, expect.any(UnanswerableQuestion)]);
        }
      }
    }
    expect(answerableSorts(ORDERS)).toEqual([]);
    expect(answerableSorts(VISITS).map(({ column }) => column)).toEqual(['c', 'd', 'e']);
  });
});
