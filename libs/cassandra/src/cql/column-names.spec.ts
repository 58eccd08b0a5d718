import { defineStream } from '@orderstream/streams';
import { compareTable } from '../migrations/table-check.js';
import { planQuestion } from '../questions/plan-question.js';
import { statsScanStatements } from '../rollups/stats-scan.js';
import { schemaOf } from './record-schema.js';
import { recordStatements } from './record-statements.js';

const TANKS = defineStream({
  name: 'tanks',
  description: 'A table whose columns are called otherwise, two of them as each other.',
  key: { fields: ['device_id'], separator: '' },
  primaryKey: { partition: ['device_id'], clustering: [{ field: 'time', order: 'desc' }] },
  indexes: ['level'],
  orderId: 'device_id',
  fields: [
    { name: 'device_id', type: 'text', required: true, column: 'Device' },
    { name: 'time', type: 'timestamp', required: true, column: 'level' },
    { name: 'level', type: 'decimal', column: 'time' },
    { name: 'note', type: 'text', column: 'order' },
  ],
  derived: [{ name: 'day', type: 'date', from: { kind: 'dayOf', of: 'time' }, column: 'd' }],
  stats: { revenue: 'level' },
});

describe('columns that are not called as their fields', () => {
  const { insert, delete: remove, ...selects } = recordStatements(TANKS, 'ks');

  it('are made and written under their own names', () => {
    expect(schemaOf(TANKS, 'ks')).toEqual([
      expect.stringMatching(
        /\(\n {2}"Device" text,\n {2}level timestamp,\n {2}time decimal,\n {2}"order" text,\n {2}d date,[^]*PRIMARY KEY \(\("Device"\), level\)\n\) WITH CLUSTERING ORDER BY \(level DESC\)$/,
      ),
      "CREATE INDEX IF NOT EXISTS tanks_level_idx ON ks.tanks (time) USING 'sai'",
    ]);
    expect(insert).toMatch(/^INSERT INTO ks\.tanks \("Device", level, time, "order", d, kafka_partition, /);
    expect(remove).toBe('DELETE FROM ks.tanks USING TIMESTAMP ? WHERE "Device" = ? AND level = ?');
  });

  it('are read under the names of the fields', () => {
    const selected =
      'SELECT "Device" AS device_id, level AS time, time AS level, "order" AS note, d AS day, kafka_partition';
    for (const text of [
      selects.selectByPrimaryKey,
      selects.selectByPartition,
      selects.selectByOrderId,
      selects.selectAfterToken,
    ])
      expect(text?.startsWith(selected)).toBe(true);
    expect(selects.selectByPrimaryKey).toMatch(/ WHERE "Device" = \? AND level = \?$/);
    expect(selects.selectBetweenTokens).toMatch(/ WHERE token\("Device"\) > \? AND token\("Device"\) <= \?$/);
    expect(selects.selectWriteTimes).toContain(
      'WRITETIME(time) AS cell_0, WRITETIME("order") AS cell_1, WRITETIME(d) AS cell_2',
    );
    expect(statsScanStatements(TANKS, 'ks').after).toBe(
      'SELECT time AS level, "Device" AS device_id, kafka_partition, kafka_offset, WRITETIME(kafka_partition) AS write_time FROM ks.tanks WHERE token("Device") > ?',
    );
  });

  it('are asked for under the names of the fields', () => {
    const filters = [
      { column: 'device_id', is: 'eq', value: 'a' },
      { column: 'time', is: 'gte', value: 1 },
    ] as const;
    expect(planQuestion(TANKS, 'ks', { filters, sort: { column: 'time', order: 'asc' } })).toMatchObject({
      query: expect.stringMatching(/ WHERE "Device" = \? AND level >= \? ORDER BY level ASC$/),
    });
  });

  it('are held against the table by their own names', () => {
    const regular = { kind: 'regular', position: -1, clusteringOrder: 'none' };
    const table = new Map([
      ['Device', { type: 'text', kind: 'partition_key', position: 0, clusteringOrder: 'none' }],
      ['level', { type: 'timestamp', kind: 'clustering', position: 0, clusteringOrder: 'desc' }],
      ['time', { type: 'decimal', ...regular }],
      ['order', { type: 'int', ...regular }],
      ['kafka_partition', { type: 'int', ...regular }],
      ['kafka_offset', { type: 'bigint', ...regular }],
      ['job_id', { type: 'uuid', ...regular }],
      ['job_row', { type: 'int', ...regular }],
    ]);
    const { addable, faults } = compareTable(TANKS, table);
    expect(addable.map(({ column }) => column)).toEqual(['d']);
    expect(faults).toEqual(['the column order is int in the table and text in the definition']);
  });
});
