import { builtInStreams } from './built-in-streams.js';
import { defineStream } from './define/define-stream.js';
import { OLIST_ORDERS } from './olist-orders.stream.js';
import { ORDERS } from './orders.stream.js';
import { StreamRegistry } from './stream-registry.js';

const registry = new StreamRegistry(builtInStreams());
const namesOf = (definition: { fields: readonly { name: string }[] }) => definition.fields.map(({ name }) => name);

describe('the registry of streams', () => {
  it('finds a stream by its name and by its topic', () => {
    expect(registry.byName('users')?.topic).toBe('users_created');
    expect(registry.byTopic('users_created')?.name).toBe('users');
    expect(registry.byName('nope')).toBeUndefined();
    expect(registry.byName('constructor')).toBeUndefined();
    expect(registry.orderStreams.map(({ name }) => name)).toEqual(['orders', 'olist-orders']);
  });

  it('refuses two streams with the same name, topic or table', () => {
    expect(() => new StreamRegistry([ORDERS, ORDERS])).toThrow(/name "orders" of orders, orders; topic "orders"/);
    const other = defineStream({ ...ORDERS, name: 'other', topic: 'other' });
    expect(() => new StreamRegistry([ORDERS, other])).toThrow('rename one of each: table "orders" of orders, other.');
    const echo = defineStream({ ...ORDERS, name: 'echo', topic: 'echo', table: 'echo', derivedTopic: 'orders' });
    expect(() => new StreamRegistry([ORDERS, echo])).toThrow('topic "orders" of orders, echo.');
  });
});

describe('recognition of a header', () => {
  it.each(builtInStreams().map((definition) => [definition.name, definition] as const))(
    'finds %s',
    (name, definition) => {
      const result = registry.recognise([...namesOf(definition)].reverse().map((field) => field.toUpperCase()));
      expect(result).toMatchObject({ stream: { name }, mapping: { missing: [], matched: definition.fields.length } });
    },
  );

  it('takes the stream with the most matched fields', () => {
    const result = registry.recognise(['id', ...namesOf(OLIST_ORDERS)]);
    expect(result).toMatchObject({ stream: { name: 'olist-orders' }, mapping: { surplus: ['id'] } });
  });

  it('names per candidate what is missing and what is surplus, the nearest first', () => {
    const names = [...namesOf(ORDERS).filter((name) => name !== 'price'), 'cost'];
    expect(registry.recognise(names)).toEqual({
      candidates: [
        { stream: 'orders', missing: ['price'], surplus: ['cost'] },
        {
          stream: 'olist-orders',
          missing: ['customer_id', 'order_status', 'order_purchase_timestamp'],
          surplus: ['customer_name', 'product', 'category', 'quantity', 'timestamp', 'cost'],
        },
      ],
    });
  });

  it('offers every stream when the header fits none at all', () => {
    const result = registry.recognise(['a', 'b']);
    expect('candidates' in result && result.candidates.map(({ stream }) => stream).sort()).toEqual([
      'olist-orders',
      'orders',
      'readings',
      'transactions',
      'users',
    ]);
    expect(registry.recognise([])).toHaveProperty('candidates');
  });

  it('does not choose between streams that match as well', () => {
    const twin = defineStream({ ...ORDERS, name: 'twin', topic: 'twin', table: 'twin' });
    const result = new StreamRegistry([ORDERS, OLIST_ORDERS, twin]).recognise(namesOf(ORDERS));
    expect(result).toEqual({
      candidates: [
        { stream: 'orders', missing: [], surplus: [] },
        { stream: 'twin', missing: [], surplus: [] },
      ],
    });
  });
});
