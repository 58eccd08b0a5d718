import { qualified } from '../cql/identifiers.js';

/** Columns of `JobProgress`, in the order of `changeParams`. */
export const PROGRESS_COLUMNS = [
  'state',
  'source_bytes',
  'source_sha256',
  'received',
  'accepted',
  'published',
  'rejected_at_door',
  'stored',
  'rejected_in_sink',
  'rejected_by_code',
  'warnings',
  'checkpoint',
  'failure',
  'published_at',
  'settled_at',
] as const;

/** Columns of `NewJob` after the id, in the order of `newJobParams`. */
export const FIXED_COLUMNS = [
  'kind',
  'stream',
  'source_name',
  'write_time_base',
  'created_at',
  'expected',
  'options',
  'idempotency_key',
] as const;

const SEGMENT_COLUMNS = ['seq', 'topic', 'partition', 'base', 'count', 'first_row', 'last_row', 'attempt'];

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');

export function jobStatements(keyspace: string) {
  const jobs = qualified(keyspace, 'jobs');
  const byDay = qualified(keyspace, 'jobs_by_day');
  const days = qualified(keyspace, 'job_days');
  const created = ['id', ...FIXED_COLUMNS, 'state'];
  return {
    insert: `INSERT INTO ${jobs} (${created.join(', ')}) VALUES (${marks(created.length)}) USING TIMESTAMP ?`,
    update: `UPDATE ${jobs} USING TIMESTAMP ? SET ${PROGRESS_COLUMNS.map((c) => `${c} = ?`).join(', ')} WHERE id = ?`,
    insertSegment: `INSERT INTO ${jobs} (id, ${SEGMENT_COLUMNS.join(', ')}) VALUES (${marks(9)}) USING TIMESTAMP ?`,
    selectById:
      `SELECT DISTINCT id, ${[...FIXED_COLUMNS, ...PROGRESS_COLUMNS].join(', ')}, WRITETIME(state) AS revision ` +
      `FROM ${jobs} WHERE id = ?`,
    selectSegments: `SELECT ${SEGMENT_COLUMNS.join(', ')} FROM ${jobs} WHERE id = ?`,
    insertDay: `INSERT INTO ${days} (shard, day) VALUES ('all', ?)`,
    selectDays: `SELECT day FROM ${days} WHERE shard = 'all' AND day <= ?`,
    insertByDay: `INSERT INTO ${byDay} (day, created_at, id) VALUES (?, ?, ?)`,
    selectByDay: `SELECT id, created_at FROM ${byDay} WHERE day = ?`,
    selectByDayAfter: `SELECT id, created_at FROM ${byDay} WHERE day = ? AND (created_at, id) < (?, ?)`,
  } as const;
}

export function leaseStatements(keyspace: string) {
  const leases = qualified(keyspace, 'job_leases');
  return {
    take: `INSERT INTO ${leases} (job_id, owner) VALUES (?, ?) IF NOT EXISTS USING TTL ?`,
    keep: `UPDATE ${leases} USING TTL ? SET owner = ? WHERE job_id = ? IF owner = ?`,
    release: `DELETE FROM ${leases} WHERE job_id = ? IF owner = ?`,
    select: `SELECT owner FROM ${leases} WHERE job_id = ?`,
  } as const;
}

export function idempotencyKeyStatements(keyspace: string) {
  const keys = qualified(keyspace, 'idempotency_keys');
  return {
    claim: `INSERT INTO ${keys} (key, job_id, stream, options) VALUES (?, ?, ?, ?) IF NOT EXISTS USING TTL ?`,
    complete: `UPDATE ${keys} USING TTL ? SET job_id = ?, stream = ?, options = ?, sha256 = ? WHERE key = ? IF job_id = ?`,
    release: `DELETE FROM ${keys} WHERE key = ? IF job_id = ?`,
    select: `SELECT job_id, stream, options, sha256 FROM ${keys} WHERE key = ?`,
    selectEach: `SELECT key, job_id, stream, options, sha256 FROM ${keys} WHERE key IN ?`,
  } as const;
}
