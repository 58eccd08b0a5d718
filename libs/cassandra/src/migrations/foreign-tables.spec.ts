import { defineStream, type StreamInput } from '@orderstream/streams';
import { recordStatements } from '../cql/record-statements.js';
import { RecordBinder } from '../records/record-binder.js';
import { statsScanStatements } from '../rollups/stats-scan.js';
import type { CassandraSession } from '../session/cassandra-session.js';
import { checkForeignTables, foreignFaults } from './foreign-tables.js';
import type { ActualColumn } from './table-check.js';

const INPUT: StreamInput = {
  name: 'tanks',
  description: 'Levels of tanks, in a table of somebody else.',
  managed: false,
  keyspace: 'plant',
  table: 'levels',
  key: { fields: ['device_id'], separator: '' },
  primaryKey: {
    partition: ['device_id', 'site'],
    clustering: [
      { field: 'time', order: 'desc' },
      { field: 'kind', order: 'asc' },
    ],
  },
  indexes: ['level'],
  fields: [
    { name: 'device_id', type: 'text', required: true, column: 'Device' },
    { name: 'site', type: 'text', required: true },
    { name: 'time', type: 'timestamp', required: true },
    { name: 'kind', type: 'text', required: true },
    { name: 'level', type: 'decimal', required: true },
    { name: 'note', type: 'text' },
  ],
};
const MARKED = defineStream(INPUT);
const BARE = defineStream({ ...INPUT, lineage: false });

/** Rows of system_schema.columns, as Cassandra gives them. */
const row = (name: string, type: string, kind = 'regular', position = -1, clusteringOrder = 'none') =>
  [name, { type, kind, position, clusteringOrder }] as const;
const OWN = [
  row('Device', 'text', 'partition_key', 0),
  row('site', 'text', 'partition_key', 1),
  row('time', 'timestamp', 'clustering', 0, 'desc'),
  row('kind', 'text', 'clustering', 1, 'asc'),
  row('level', 'decimal'),
  row('note', 'text'),
];
const LINEAGE = [
  row('kafka_partition', 'int'),
  row('kafka_offset', 'bigint'),
  row('job_id', 'uuid'),
  row('job_row', 'int'),
];
const columnsOf = (...rows: (readonly [string, ActualColumn])[]) => new Map<string, ActualColumn>(rows);
const INDEXED = new Set(['level']);

describe('a table of somebody else', () => {
  it('fits with every column of the definition, and more outside of its key', () => {
    const more = row('colour', 'frozen<map<text, text>>');
    expect(foreignFaults(MARKED, columnsOf(...OWN, ...LINEAGE, more), INDEXED)).toEqual([]);
    expect(foreignFaults(BARE, columnsOf(...OWN, more), INDEXED)).toEqual([]);
  });

  it('is told every mismatch at once', () => {
    const columns = columnsOf(
      row('Device', 'uuid', 'partition_key', 1),
      row('site', 'text', 'partition_key', 0),
      row('time', 'timestamp', 'clustering', 0, 'asc'),
      row('kind', 'text'),
      row('job_id', 'text'),
      ...LINEAGE.slice(0, 2),
    );
    expect(foreignFaults(MARKED, columns, new Set())).toEqual([
      'the column Device is uuid in the table and text in the definition',
      'the column kind is outside the primary key in the table and a clustering column in the definition',
      'the column level (decimal) is missing, and its field is required: the rows that are there have no value for it',
      'the column job_id is text instead of uuid',
      'the column job_row (int) is missing, which every table of orderstream has',
      'the column Device stands at another place in the primary key of the table than in the definition',
      'the column site stands at another place in the primary key of the table than in the definition',
      'the rows of a partition are in asc order of time in the table and desc in the definition',
      'the column note (text) is missing',
      'the column level has no storage-attached index (SAI) in the table, and the definition names it in indexes',
    ]);
  });

  it('may be without lineage, once its definition says so', () => {
    expect(foreignFaults(MARKED, columnsOf(...OWN), INDEXED)).toEqual([
      expect.stringMatching(/^the columns kafka_partition \(int\), .* are missing: say lineage: false/),
    ]);
  });

  it('is refused with a key of more columns, and when it is not there', () => {
    expect(foreignFaults(BARE, columnsOf(...OWN, row('shift', 'int', 'clustering', 2, 'asc')), INDEXED)).toEqual([
      'the column shift is in the primary key of the table, and no field of the definition',
    ]);
    expect(foreignFaults(BARE, columnsOf(), new Set())).toEqual(['there is no such table']);
  });

  it('is only read, in its own keyspace; all tables are told of together', async () => {
    const asked: string[] = [];
    const session = {
      keyspace: 'own',
      execute: async (query: string, params: readonly string[]) => {
        asked.push(`${query.split(' ')[0]} ${params.join('.')}`);
        return { rows: [] };
      },
    } as unknown as CassandraSession;
    const managed = defineStream({
      ...INPUT,
      name: 'managed',
      managed: true,
      keyspace: undefined,
    } as unknown as StreamInput);
    const second = defineStream({ ...INPUT, name: 'second', keyspace: undefined } as unknown as StreamInput);
    await expect(checkForeignTables(session, [managed, BARE, second])).rejects.toMatchObject({
      code: 'foreign_table',
      retriable: false,
      faults: ['tanks (plant.levels): there is no such table', 'second (own.levels): there is no such table'],
    });
    expect([...new Set(asked)]).toEqual(['SELECT plant.levels', 'SELECT own.levels']);
  });
});

describe('a table without lineage', () => {
  const { insert, ...selects } = recordStatements(BARE, 'own');

  it('is written and read in its keyspace without those columns', () => {
    expect(insert).toBe(
      'INSERT INTO plant.levels ("Device", site, time, kind, level, note) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?',
    );
    for (const text of Object.values(selects)) expect(text ?? '').not.toMatch(/kafka_|job_/);
    expect(selects.selectWriteTimes).toMatch(
      /^SELECT WRITETIME\(level\) AS cell_0, WRITETIME\(note\) AS cell_1 FROM plant\.levels /,
    );
  });

  it('has the write time of a required cell as that of its rows', () => {
    expect(selects.selectByPrimaryKey).toContain(', WRITETIME(level) AS write_time FROM plant.levels');
    expect(statsScanStatements(BARE, 'own').after).toContain('WRITETIME(level) AS write_time FROM plant.levels');
  });

  it('gets a value for each mark of its statement', () => {
    const { params } = new RecordBinder(BARE, 'own').insert(
      ['d', 's', 1, 'k', '2', undefined],
      { partition: 0, offset: '1' },
      5,
    );
    expect(params).toHaveLength(insert.split('?').length - 1);
  });
});
