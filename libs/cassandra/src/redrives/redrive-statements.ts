import { qualified } from '../cql/identifiers.js';

export function redriveStatements(keyspace: string) {
  const letters = qualified(keyspace, 'redrive_letters');
  const last = qualified(keyspace, 'redrive_last');
  return {
    insert: `INSERT INTO ${letters} (redrive_id, bucket, position, id, job_id) VALUES (?, ?, ?, ?, ?)`,
    noteSent: `UPDATE ${letters} SET sent_offset = ?, sent_attempt = ? WHERE redrive_id = ? AND bucket = ? AND position = ?`,
    select: `SELECT position, id, job_id, sent_offset, sent_attempt FROM ${letters} WHERE redrive_id = ? AND bucket = ?`,
    setLast: `INSERT INTO ${last} (shard, redrive_id, selection) VALUES ('all', ?, ?)`,
    selectLast: `SELECT redrive_id, selection FROM ${last} WHERE shard = 'all'`,
  } as const;
}
