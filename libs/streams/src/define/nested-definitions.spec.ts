import { faultsOf, MINIMAL, withField } from './minimal-definition.fixture.js';

const LIST = {
  name: 'x',
  type: 'list',
  required: true,
  items: [
    { name: 'n', type: 'int', required: true },
    { name: 'm', type: 'int' },
    { name: 't', type: 'text', required: true },
  ],
} as const;
const withList = (...items: object[]) => withField({ name: 'x', type: 'list', items });
const withFake = (type: string, fake: object) => withField({ name: 'x', type, fake });
const withDerived = (from: object, type = 'decimal') => ({
  fields: [...MINIMAL.fields, LIST],
  derived: [{ name: 'd', type, from }],
});

const REFUSED: [string, object, RegExp][] = [
  ['a derived topic that Kafka does not take', { derivedTopic: 'a b' }, /^derivedTopic: "a b"/],
  ['a derived topic that is the own one', { derivedTopic: 'card-payments' }, /must be another topic/],
  ['a derived topic of dead letters', { derivedTopic: 'a.dead-letters' }, /^derivedTopic: .* must not end in/],
  [
    'a path of one name',
    withField({ name: 'x', type: 'text', path: ['x'] }),
    /^fields\.x\.path: must have 2 to 8 names/,
  ],
  ['a path of odd names', withField({ name: 'x', type: 'text', path: ['a', '__proto__'] }), /path: must have 2 to 8/],
  [
    'a path that is taken',
    {
      fields: [
        ...MINIMAL.fields,
        { name: 'x', type: 'text', path: ['a', 'b'] },
        { name: 'y', type: 'text', path: ['A', 'b'] },
      ],
    },
    /^fields\.y\.path: A\.b already means field "x"/,
  ],
  [
    'a value that is an object too',
    withField({ name: 'x', type: 'text', path: ['count', 'b'] }),
    /^fields\.count: count is an/,
  ],
  ['a list without items', withField({ name: 'x', type: 'list' }), /a list needs items/],
  ['items of no list', withField({ name: 'x', type: 'text', items: [] }), /items are for list/],
  [
    'an item field twice',
    withList({ name: 'n', type: 'int' }, { name: 'n', type: 'int' }),
    /^fields\.x\.items\.n\.name: "n" is defined twice/,
  ],
  [
    'a list in a list',
    withList({ name: 'n', type: 'list' }),
    /^fields\.x\.items\.n\.type: "list" must be one of text, .*items are flat/,
  ],
  ['a nested item', withList({ name: 'n', type: 'text', path: ['a', 'b'] }), /items\.n\.path: is not a known/],
  ['an item field that is not snake_case', withList({ name: 'nO', type: 'int' }), /"nO" must be snake_case/],
  [
    'bounds of an item the wrong way round',
    withList({ name: 'n', type: 'int', min: '2', max: '1' }),
    /items\.n\.min: min 2/,
  ],
  [
    'a fake of an item of another type',
    withList({ name: 'n', type: 'int', fake: { kind: 'eventTime' } }),
    /items\.n\.fake: eventTime cannot fill int/,
  ],
  [
    'a fake list of items without fakes',
    { fields: [...MINIMAL.fields, { ...LIST, fake: { kind: 'items', min: 1, max: 2 } }] },
    /needs the required n, t of the items to have a fake/,
  ],
  ['too many fake items', { fields: [...MINIMAL.fields, { ...LIST, fake: { kind: 'items', min: 0, max: 101 } }] }, /min and max must be whole numbers from 1 to 100/], // prettier-ignore
  ['a message key that is a list', { fields: [...MINIMAL.fields, LIST], key: { fields: ['x'], separator: '_' } }, /"x" is a list, and no key/], // prettier-ignore
  [
    'a primary key that is a list',
    { fields: [...MINIMAL.fields, LIST], primaryKey: { partition: ['x'], clustering: [] } },
    /^primaryKey\.partition\[0\]: "x" is a list/,
  ],
  ['an index on a list', { fields: [...MINIMAL.fields, LIST], indexes: ['x'] }, /^indexes\[0\]: "x" is a list/],
  ['a sum of no list', withDerived({ kind: 'sumOf', list: 'count', of: ['n'] }), /"count" is not a list/],
  [
    'a sum of an unknown field',
    withDerived({ kind: 'sumOf', list: 'x', of: ['no'] }),
    /"no" is not a field of the items/,
  ],
  ['a sum of three', withDerived({ kind: 'sumOf', list: 'x', of: ['n', 'n', 'n'] }), /one field of the items, or two/],
  [
    'a sum of what may be unset',
    withDerived({ kind: 'sumOf', list: 'x', of: ['m'] }),
    /"m" of the items must be required/,
  ],
  [
    'a sum of texts',
    withDerived({ kind: 'sumOf', list: 'x', of: ['t'] }),
    /needs int, bigint, decimal, but "t" is text/,
  ],
  ['a sum into a text', withDerived({ kind: 'sumOf', list: 'x', of: ['n'] }, 'text'), /sumOf makes decimal, or int/],
  [
    'products summed into an int',
    withDerived({ kind: 'sumOf', list: 'x', of: ['n', 'n'] }, 'int'),
    /is decimal, not int/,
  ],
  [
    'a list of numbers',
    withDerived({ kind: 'listOf', list: 'x', of: 'n', separator: ',' }, 'text'),
    /needs text, but "n"/,
  ],
  ['a day into an int', withDerived({ kind: 'dayOf', of: 'paid_at' }, 'int'), /dayOf makes date, not int/],
  ['an id of too many digits', withFake('text', { kind: 'digits', length: 13 }), /length must be .* from 1 to 12/],
  ['an id of no distinct values', withFake('text', { kind: 'runId', distinct: 0 }), /distinct must be a whole number/],
  ['a uuid in a text', withFake('text', { kind: 'uuid' }), /uuid cannot fill text/],
  [
    'a list of values nobody has',
    withFake('text', { kind: 'catalogue', list: 'toString' }),
    /list must be one of companies/,
  ],
  [
    'a choice by an unknown field',
    withFake('text', { kind: 'catalogue', list: 'people', by: 'no' }),
    /"no" is not a field/,
  ],
  [
    'a turn of what has no turns',
    withFake('text', { kind: 'turn', values: ['a'], field: 'id' }),
    /needs the fake of "id" to be runId/,
  ],
  [
    'days after a time',
    withFake('timestamp', { kind: 'eventTime', plusDays: { min: 1, max: 2 } }),
    /plusDays is for date/,
  ],
  [
    'days in the wrong order',
    withFake('date', { kind: 'eventTime', plusDays: { min: 2, max: 1 } }),
    /plusDays must be/,
  ],
];

it.each(REFUSED)('defineStream refuses %s', (_, changes, message) => {
  expect(faultsOf(changes)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
});
