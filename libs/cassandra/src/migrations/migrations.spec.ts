import { builtInStreams, LINEAGE_COLUMNS as RESERVED_FOR_LINEAGE, ORDERS } from '@orderstream/streams';
import { identifier, InvalidNameError } from '../cql/identifiers.js';
import { InvalidDefinitionError } from '../cql/invalid-definition.js';
import { columnsOf, LINEAGE_COLUMNS } from '../cql/record-table-shape.js';
import { createKeyspace } from './keyspace.js';
import { migrationsOf } from './migration-list.js';
import { type ActualColumn, tableFaults } from './table-check.js';

const tableOf = (definition: typeof ORDERS): Map<string, ActualColumn> =>
  new Map([
    ...columnsOf(definition).map(({ name, type, role }): [string, ActualColumn] => [
      name,
      { type, kind: role === 'partition' ? 'partition_key' : role },
    ]),
    ...LINEAGE_COLUMNS.map(({ name, type }): [string, ActualColumn] => [name, { type, kind: 'regular' }]),
  ]);

describe('migrations', () => {
  it('are numbered without gaps, and every statement can be repeated', () => {
    const migrations = migrationsOf('ks', builtInStreams());
    const numbers = migrations.filter(({ definition }) => !definition).map(({ name }) => Number(name.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    for (const statement of migrations.flatMap(({ statements }) => statements)) {
      expect(statement).toMatch(/^(CREATE (TABLE|INDEX)|ALTER TABLE \S+ ADD) IF NOT EXISTS /);
      expect(statement).not.toContain('{keyspace}');
    }
  });

  it('of a stream have another checksum when its definition changes its table', () => {
    const checksum = (definition: typeof ORDERS) => migrationsOf('ks', [definition]).at(-1)!.checksum;
    expect(checksum(ORDERS)).not.toBe(
      checksum({ ...ORDERS, fields: [...ORDERS.fields, { name: 'note', type: 'text' }] }),
    );
    expect(checksum(ORDERS)).toBe(checksum({ ...ORDERS, description: 'another one' }));
  });
});

describe('a table that exists already', () => {
  it('fits when it has every column, and more', () => {
    expect(tableFaults(ORDERS, new Map([...tableOf(ORDERS), ['extra', { type: 'text', kind: 'regular' }]]))).toEqual(
      [],
    );
  });

  it('is refused column by column otherwise, in words', () => {
    const table = tableOf(ORDERS);
    table.delete('price');
    table.set('quantity', { type: 'text', kind: 'regular' });
    table.set('product', { type: 'text', kind: 'clustering' });
    expect(tableFaults(ORDERS, table)).toEqual([
      'the column product is clustering instead of regular',
      'the column quantity is text instead of int',
      'the column price (decimal) is missing',
    ]);
  });
});

describe('names', () => {
  it('that CQL reserves are quoted, and what is no name is refused', () => {
    expect(identifier('order')).toBe('"order"');
    expect(identifier('order_id')).toBe('order_id');
    for (const name of ['', 'Orders', '1st', 'a-b', 'a"b', 'a'.repeat(49)])
      expect(() => identifier(name)).toThrow(InvalidNameError);
  });

  it('of lineage are kept from every stream, the same ones that the definition of a stream refuses', () => {
    expect(LINEAGE_COLUMNS.map(({ name }) => name).sort()).toEqual([...RESERVED_FOR_LINEAGE].sort());
    const definition = { ...ORDERS, fields: [...ORDERS.fields, { name: 'job_id', type: 'uuid' as const }] };
    expect(() => columnsOf(definition)).toThrow(InvalidDefinitionError);
  });

  it('in a key or an index must be fields', () => {
    expect(() => columnsOf({ ...ORDERS, indexes: ['nope'] })).toThrow('there is no field nope');
    expect(() => columnsOf({ ...ORDERS, primaryKey: { partition: [], clustering: [] } })).toThrow(
      'no partition column',
    );
  });
});

describe('a new keyspace', () => {
  it('is replicated by data centre', () => {
    expect(createKeyspace('ks', 'dc1', 3)).toContain("{'class': 'NetworkTopologyStrategy', 'dc1': 3}");
    expect(createKeyspace('ks', 'dc1', { a: 1, b: 2 })).toContain("'a': 1, 'b': 2}");
    expect(() => createKeyspace('ks', "d'c", 1)).toThrow(RangeError);
    expect(() => createKeyspace('ks', 'dc1', 0)).toThrow(RangeError);
  });
});
