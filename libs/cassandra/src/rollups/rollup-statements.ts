import { qualified } from '../cql/identifiers.js';

const KEY = ['source', 'shard', 'name', 'partition', 'day'];
const VALUES = [
  ...['kafka_offset', 'slots', 'counts', 'quantities', 'revenues'],
  ...['products', 'more_products', 'sample_offsets', 'sample_ids'],
];

export function rollupStatements(keyspace: string) {
  const rollups = qualified(keyspace, 'rollups');
  const columns = [...KEY, ...VALUES];
  const marks = columns.map(() => '?').join(', ');
  const select = `SELECT name, partition, day, ${VALUES.join(', ')} FROM ${rollups} WHERE source = ? AND shard = ?`;
  return {
    // The write time grows with the offset: of two writers, the one that has counted more wins.
    insert: `INSERT INTO ${rollups} (${columns.join(', ')}) VALUES (${marks}) USING TIMESTAMP ?`,
    selectNames: `${select} AND name IN ? AND partition = ? AND day = ?`,
    selectShard: select,
    selectAfterName: `${select} AND name > ?`,
    deleteShard: `DELETE FROM ${rollups} WHERE source = ? AND shard = ?`,
  } as const;
}

export function recountStatements(keyspace: string) {
  const recounts = qualified(keyspace, 'recounts');
  return {
    insert: `INSERT INTO ${recounts} (stream, recount_id, stats, as_of, records, shards) VALUES (?, ?, ?, ?, ?, ?)`,
    select: `SELECT recount_id, stats, as_of, records, shards FROM ${recounts} WHERE stream = ?`,
  } as const;
}
