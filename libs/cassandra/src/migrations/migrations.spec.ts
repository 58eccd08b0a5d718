import {
  builtInStreams,
  OWN_TABLES,
  LINEAGE_COLUMNS as RESERVED_FOR_LINEAGE,
  OLIST_ORDERS,
  ORDERS,
  type FieldDefinition,
  type StreamDefinition,
} from '@orderstream/streams';
import { identifier, InvalidNameError } from '../cql/identifiers.js';
import { InvalidDefinitionError } from '../cql/invalid-definition.js';
import { columnsOf, cqlTypeOf, LINEAGE_COLUMNS } from '../cql/record-table-shape.js';
import { createKeyspace } from './keyspace.js';
import { migrationsOf } from './migration-list.js';
import { type ActualColumn, compareTable } from './table-check.js';

/** The table that the definition makes. */
function tableOf(definition: StreamDefinition): Map<string, ActualColumn> {
  const { partition, clustering } = definition.primaryKey;
  const regular = { kind: 'regular', position: -1, clusteringOrder: 'none' };
  const table = new Map<string, ActualColumn>(
    [...columnsOf(definition), ...LINEAGE_COLUMNS].map((column) => [
      column.name,
      { type: cqlTypeOf(column), ...regular },
    ]),
  );
  const put = (name: string, change: Partial<ActualColumn>) => table.set(name, { ...table.get(name)!, ...change });
  partition.forEach((name, position) => put(name, { kind: 'partition_key', position }));
  clustering.forEach(({ field, order }, position) =>
    put(field, { kind: 'clustering', position, clusteringOrder: order }),
  );
  return table;
}

const withField = (definition: StreamDefinition, field: FieldDefinition): StreamDefinition => ({
  ...definition,
  fields: [...definition.fields, field],
});

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
  const faultsOf = (definition: StreamDefinition, table: ReadonlyMap<string, ActualColumn>) =>
    compareTable(definition, table).faults;
  const regular = { kind: 'regular', position: -1, clusteringOrder: 'none' };

  it.each(builtInStreams().map((definition) => [definition.name, definition] as const))(
    'fits when %s has made it',
    (_name, definition) => {
      expect(compareTable(definition, tableOf(definition))).toEqual({ addable: [], faults: [] });
      // A list is kept as text, so a table that lacks one is given such a column.
      const types = [...tableOf(definition).values()].map(({ type }) => type);
      expect(types).not.toContain('list');
    },
  );

  it('fits when it has every column, and more', () => {
    const table = new Map([...tableOf(ORDERS), ['extra', { type: 'text', ...regular }] as const]);
    expect(compareTable(ORDERS, table)).toEqual({ addable: [], faults: [] });
  });

  it('is given the columns of fields that are not required, and of derived ones', () => {
    const wider: StreamDefinition = {
      ...withField(OLIST_ORDERS, { name: 'coupon', type: 'text' }),
      derived: [
        ...OLIST_ORDERS.derived,
        { name: 'approval_hour', type: 'int', from: { kind: 'hourOf', of: 'order_approved_at' } },
      ],
    };
    const { addable, faults } = compareTable(wider, tableOf(OLIST_ORDERS));
    expect(addable.map(({ name, type }) => `${name} ${type}`)).toEqual(['coupon text', 'approval_hour int']);
    expect(faults).toEqual([]);
  });

  it('is refused column by column for any other difference, in words', () => {
    const table = tableOf(ORDERS);
    table.delete('price');
    table.set('quantity', { type: 'text', ...regular });
    table.set('product', { ...regular, type: 'text', kind: 'clustering', position: 0, clusteringOrder: 'asc' });
    table.delete('job_id');
    expect(faultsOf(ORDERS, table)).toEqual([
      'the column product is a clustering column in the table and outside the primary key in the definition',
      'the column quantity is text in the table and int in the definition',
      'the column price (decimal) is missing, and its field is required: the rows that are there have no value for it',
      'the column job_id (uuid) is missing, which every table of orderstream has',
    ]);
  });

  it('is refused when the key lost or gained a column, or has them in another order', () => {
    const { primaryKey } = OLIST_ORDERS;
    const [first, second] = primaryKey.clustering;
    const keyed = (change: Partial<StreamDefinition['primaryKey']>): StreamDefinition => ({
      ...OLIST_ORDERS,
      primaryKey: { ...primaryKey, ...change },
    });
    const table = tableOf(OLIST_ORDERS);
    expect(faultsOf(keyed({ clustering: [first!] }), table)).toEqual([
      'the column order_purchase_timestamp is a clustering column in the table and outside the primary key in the definition',
    ]);
    const without = OLIST_ORDERS.fields.filter(({ name }) => name !== 'order_purchase_timestamp');
    const shorter = { ...keyed({ clustering: [first!] }), fields: without, indexes: ['order_id'] };
    expect(faultsOf(shorter, table)).toEqual([
      'the column order_purchase_timestamp is in the primary key of the table, and no field of the definition',
    ]);
    expect(faultsOf(keyed({ clustering: [second!, first!] }), table)).toHaveLength(2);
    expect(faultsOf(keyed({ clustering: [{ ...first!, order: 'desc' }, second!] }), table)).toEqual([
      'the rows of a partition are in asc order of order_id in the table and desc in the definition',
    ]);
    const longer = withField(keyed({ clustering: [first!, second!, { field: 'shop', order: 'asc' }] }), {
      name: 'shop',
      type: 'text',
      required: true,
    });
    expect(faultsOf(longer, table)).toEqual([
      'the column shop (text) is missing, and a primary key cannot be added to',
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

it('no stream is given a table of our own: the names are known where definitions are checked', () => {
  const tables = migrationsOf('ks', []).flatMap(({ statements }) =>
    statements.flatMap((statement) => /CREATE TABLE IF NOT EXISTS ks\.(\w+)/.exec(statement)?.[1] ?? []),
  );
  expect([...OWN_TABLES].sort()).toEqual([...tables, 'schema_migrations'].sort());
});
