import { builtInStreams } from './built-in-streams.js';
import { MINIMAL } from './define/minimal-definition.fixture.js';
import { loadStreams, StreamsError } from './load-streams.js';
import { topicsOf } from './topics.js';

const file = (name: string, text: string) => ({ name: `streams/${name}`, text });
const json = (name: string, changes: object) => file(name, JSON.stringify({ ...MINIMAL, ...changes }));

function faultsOf(...files: { name: string; text: string }[]): readonly string[] {
  try {
    loadStreams({ topicPrefix: '', keyspace: 'own', files });
  } catch (error) {
    if (error instanceof StreamsError) return error.faults;
    throw error;
  }
  return [];
}

const SENSORS = `# what the sensors of the greenhouse say
name: sensors
description: Sensors of the greenhouse.
key: { fields: [id], separator: "" }
primaryKey:
  partition: [id]
  clustering:
    - { field: at, order: desc }
fields:
  - name: id
    type: text
    required: true
  - { name: at, type: timestamp, required: true }
  - name: temperature
    type: decimal
    min: "-50"
`;

describe('streams of files', () => {
  it('stand behind the built-in ones, with what a definition may leave out', () => {
    const streams = loadStreams({
      topicPrefix: '',
      keyspace: 'own',
      files: [file('sensors.yaml', SENSORS), json('cards.json', {})],
    });
    const builtIn = builtInStreams();
    expect(streams.slice(0, builtIn.length)).toEqual(builtIn);
    expect(streams.slice(builtIn.length)).toMatchObject([
      { name: 'sensors', topic: 'sensors', table: 'sensors', partitions: 3, fields: [{}, {}, { min: '-50' }] },
      { ...MINIMAL, table: 'card_payments' },
    ]);
  });

  it('bear the prefix in their topics', () => {
    const streams = loadStreams({
      topicPrefix: 'team.',
      keyspace: 'own',
      files: [json('a.json', { derivedTopic: 'out' })],
    });
    expect(streams.at(-1)).toMatchObject({
      name: 'card-payments',
      topic: 'team.card-payments',
      derivedTopic: 'team.out',
    });
  });

  it('that exist already have no prefix, and may be called as a table in another keyspace', () => {
    const files = [
      json('a.json', { managed: false, keyspace: 'shop', topic: 'theirs', table: 'orders', derivedTopic: 'out' }),
    ];
    const stream = loadStreams({ topicPrefix: 'team.', keyspace: 'own', files }).at(-1)!;
    expect(stream).toMatchObject({ topic: 'theirs', derivedTopic: 'team.out' });
    expect(topicsOf(stream).map(({ topic, mustExist }) => [topic, mustExist])).toEqual([
      ['theirs', true],
      ['theirs.dead-letters', false],
      ['team.out', false],
    ]);
    expect(faultsOf(json('a.json', { table: 'orders' }))).toEqual([
      expect.stringMatching(/table: "orders" is the table of/),
    ]);
  });

  it('have no table of another stream, or of orderstream itself, where they name its own keyspace', () => {
    const inOwn = { managed: false, keyspace: 'own', topic: 'theirs' };
    expect(faultsOf(json('a.json', { ...inOwn, table: 'orders' }))).toEqual([
      expect.stringMatching(/table: "own.orders" is the table of stream orders/),
    ]);
    expect(faultsOf(json('a.json', { ...inOwn, table: 'jobs' }))).toEqual([expect.stringMatching(/table: .*jobs/)]);
    expect(faultsOf(json('a.json', { ...inOwn, table: 'theirs' }))).toEqual([]);
  });

  it('may name the schema that editors hold them against', () => {
    expect(faultsOf(json('a.json', { $schema: './stream-definition.schema.json' }))).toEqual([]);
  });
});

describe('every fault of every file is told at once, with file, line and place', () => {
  it.each<[string, string, string, string]>([
    ['a property of a field', '    min: "-50"', '    min: "x"', ':16 fields.temperature.min: "x" must be'],
    ['a number without quotes', '    min: "-50"', '    min: -50', ':16 fields.temperature.min: must be a string; write it in quotes: "-50"'], // prettier-ignore
    [
      'a misspelt property',
      '    required: true',
      '    requird: true',
      ':12 fields.id.requird: is not a known property',
    ],
    [
      'an unknown type',
      'type: decimal',
      'type: float',
      ':15 fields.temperature.type: "float" must be one of text, int',
    ],
    ['a property that is missing', '    type: decimal\n', '', ':14 fields.temperature.type: is missing'],
    [
      'an item of a list',
      'partition: [id]',
      'partition: [id, nope]',
      ':6 primaryKey.partition[1]: "nope" is not a field',
    ],
    ['an object in a list', 'order: desc', 'order: up', ':8 primaryKey.clustering[0].order: "up" must be asc or desc'],
    ['a whole list', '    min: "-50"\n', '    min: "-50"\nindexes: id\n', ':17 indexes: must be a list'],
    [
      'a key that stands twice',
      'name: sensors\n',
      'name: sensors\nname: other\n',
      ':3 column 1: Map keys must be unique',
    ],
    ['what is no YAML', 'clustering:\n', 'clustering: [\n', ':8 column'],
    ['what is said of a definition as a whole', SENSORS, '[]', ':1 a definition must be an object'],
    ['an empty file', SENSORS, '', ':1 a definition must be an object'],
    ['a built-in name', 'name: sensors', 'name: orders', ':2 name: "orders" is the name of stream orders (built in) already'], // prettier-ignore
    [
      'a table of our own',
      'name: sensors',
      'name: sensors\ntable: jobs',
      ':3 table: "jobs" is a table that orderstream keeps',
    ],
  ])('%s', (_, from, to, fault) => {
    expect(faultsOf(file('s.yaml', SENSORS.replace(from, to)))).toContainEqual(
      expect.stringMatching(new RegExp(`^streams/s\\.yaml${fault.replace(/[[\]().]/g, '\\$&')}`)),
    );
  });

  it('of a file with several, in the order of its lines, misshapen ones beside the rest', () => {
    const text = SENSORS.replace('    required: true', '    requird: true')
      .replace('order: desc', 'order: up')
      .replace('"-50"', '-50')
      .replace('[id]', '[nope]');
    expect(faultsOf(file('s.yaml', text)).map((fault) => fault.split(' ').slice(0, 2).join(' '))).toEqual([
      'streams/s.yaml:4 key.fields[0]:',
      'streams/s.yaml:8 primaryKey.clustering[0].order:',
      'streams/s.yaml:12 fields.id.requird:',
      'streams/s.yaml:16 fields.temperature.min:',
    ]);
  });

  it('says nothing about a field whose definition cannot be read but that', () => {
    const text = SENSORS.replace('{ name: at, type: timestamp, required: true }', '{ name: at, required: true }');
    expect(faultsOf(file('s.yaml', text))).toEqual(['streams/s.yaml:13 fields.at.type: is missing']);
  });

  it('of several files, and what two of them share', () => {
    const shared = json('b.json', { name: 'other', topic: 'sensors', derivedTopic: 'users_created', indexes: ['no'] });
    expect(faultsOf(file('a.yaml', SENSORS), shared, file('c.yml', '{'))).toEqual([
      expect.stringMatching(/^streams\/b\.json:1 indexes\[0\]: "no" is not a field/),
      expect.stringMatching(/^streams\/c\.yml:1 column 2: /),
      'streams/b.json:1 topic: "sensors" is the topic of stream sensors (streams/a.yaml) already; choose another',
      'streams/b.json:1 derivedTopic: "users_created" is the topic of stream users (built in) already; choose another',
    ]);
  });

  it('of aliases that would fill the memory', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefg'[i]},`.repeat(9)}]`)]; // prettier-ignore
    expect(faultsOf(file('a.yaml', bomb.join('\n')))).toEqual([expect.stringMatching(/^streams\/a\.yaml:1 .*alias/i)]);
  });

  it('in a message that is all of it', () => {
    expect(() => loadStreams({ topicPrefix: ' ', files: [json('a.json', { indexes: ['x'] })] })).toThrow(
      /have 7 faults; correct them and start again:\nstreams\/a\.json:1 indexes.*\nstream orders: topic: " orders" must/s,
    );
  });
});
