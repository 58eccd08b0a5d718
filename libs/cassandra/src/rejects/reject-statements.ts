import { qualified } from '../cql/identifiers.js';

const FAULT_COLUMNS = 'job_id, bucket, row_number, stage, code, column_name, reason, value';

export function rejectStatements(keyspace: string) {
  const rejects = qualified(keyspace, 'rejects');
  const buckets = qualified(keyspace, 'reject_buckets');
  const inBucket = `FROM ${rejects} WHERE job_id = ? AND bucket = ?`;
  return {
    insert: `INSERT INTO ${rejects} (${FAULT_COLUMNS}, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    mark: `INSERT INTO ${rejects} (job_id, bucket, row_number, repaired_attempt) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`,
    forget:
      `UPDATE ${rejects} USING TIMESTAMP ? SET stage = null, code = null, column_name = null, reason = null, ` +
      'value = null, raw = null WHERE job_id = ? AND bucket = ? AND row_number = ?',
    insertBucket: `INSERT INTO ${buckets} (job_id, bucket) VALUES (?, ?)`,
    insertSource: `INSERT INTO ${buckets} (job_id, format, delimiter, header, reading) VALUES (?, ?, ?, ?, ?)`,
    selectSource: `SELECT DISTINCT job_id, format, delimiter, header, reading FROM ${buckets} WHERE job_id = ?`,
    selectBuckets: `SELECT bucket FROM ${buckets} WHERE job_id = ? AND bucket >= ?`,
    selectEntries: `SELECT ${FAULT_COLUMNS}, repaired_attempt ${inBucket} AND row_number >= ?`,
    selectWithRaw: `SELECT ${FAULT_COLUMNS}, repaired_attempt, raw ${inBucket} AND row_number >= ?`,
    selectOne: `SELECT ${FAULT_COLUMNS}, repaired_attempt, raw ${inBucket} AND row_number = ?`,
  } as const;
}
