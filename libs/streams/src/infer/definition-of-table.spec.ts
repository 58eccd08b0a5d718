import { compileStream } from '../compile-stream.js';
import { defineStream } from '../define/define-stream.js';
import { definitionOfTable, type TableColumn } from './definition-of-table.js';

const column = (name: string, type: string, rest: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type, kind: 'regular', position: -1, order: 'none' },
  ...rest,
});
const COLUMNS = [
  column('value', 'decimal'),
  column('Unit', 'varchar'),
  column('at', 'timestamp', { kind: 'clustering', position: 0, order: 'desc' }),
  column('metric', 'text', { kind: 'clustering', position: 1, order: 'asc' }),
  column('site', 'text', { kind: 'partition_key', position: 1 }),
  column('device', 'uuid', { kind: 'partition_key', position: 0 }),
  column('tags', 'set<text>'),
  column('place', 'frozen<geo>'),
  column('scan', 'list<blob>'),
  column('log', 'list<text>'),
  column('owner', 'text', { kind: 'static' }),
];
const LINEAGE = [
  column('kafka_partition', 'int'),
  column('kafka_offset', 'bigint'),
  column('job_id', 'uuid'),
  column('job_row', 'int'),
];
const TABLE = { keyspace: 'plant', table: 'readings_by_site' };

describe('a definition for a table that is there', () => {
  it('has its key in its order, and its columns under names that a field can have', () => {
    const { definition } = definitionOfTable(TABLE, [...COLUMNS, ...LINEAGE], 'site-readings');
    expect(definition).toMatchObject({
      managed: false,
      keyspace: 'plant',
      table: 'readings_by_site',
      primaryKey: {
        partition: ['device', 'site'],
        clustering: [
          { field: 'at', order: 'desc' },
          { field: 'metric', order: 'asc' },
        ],
      },
      fields: [
        { name: 'device', type: 'uuid', required: true },
        { name: 'site', type: 'text', required: true },
        { name: 'at', type: 'timestamp', required: true },
        { name: 'metric', type: 'text', required: true },
        { name: 'unit', type: 'text', column: 'Unit' },
        { name: 'tags', type: 'json', cql: 'set<text>' },
        { name: 'value', type: 'decimal' },
      ],
    });
    expect(definition).not.toHaveProperty('lineage');
    expect(compileStream(defineStream(definition)).name).toBe('site-readings');
  });

  it('needs a column that each row has where the table does not say where its rows came from', () => {
    const { definition, notes } = definitionOfTable(TABLE, COLUMNS, 'site-readings');
    expect(definition).toMatchObject({ lineage: false });
    expect(definition.fields[4]).toMatchObject({ name: 'unit', required: true });
    expect(notes.join()).toContain('unit is required');
  });

  it('says which columns it leaves out, and why', () => {
    expect(definitionOfTable(TABLE, [...COLUMNS, ...LINEAGE], 'x').notes.slice(1)).toEqual([
      'column owner is left out: it is static',
      'column log is left out: no field has the type list<text>',
      'column place is left out: no field has the type frozen<geo>',
      'column scan is left out: no field has the type list<blob>',
    ]);
  });

  it('has the user-defined types of its columns, and no others', () => {
    const geo = { lat: 'decimal', lon: 'decimal' };
    const { definition } = definitionOfTable(TABLE, [...COLUMNS, ...LINEAGE], 'x', { geo, other: { a: 'int' } });
    expect(definition.types).toEqual({ geo });
    expect(definition.fields).toContainEqual({ name: 'place', type: 'json', cql: 'frozen<geo>' });
  });

  it('cannot be had of a table that is not there, or whose key no field can be', () => {
    expect(() => definitionOfTable(TABLE, [], 'x')).toThrow('there is no table plant.readings_by_site');
    const key = column('k', 'blob', { kind: 'partition_key', position: 0 });
    expect(() => definitionOfTable(TABLE, [key], 'x')).toThrow('key column k is of type blob');
  });
});
