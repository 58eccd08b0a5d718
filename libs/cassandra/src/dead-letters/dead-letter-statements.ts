import { qualified } from '../cql/identifiers.js';

const SUMMARY_COLUMNS =
  'id, topic, partition, kafka_offset, stream, stage, code, column_name, reason, fingerprint, record_time, write_time, ' +
  'job_id, job_row, attempt';

export function deadLetterStatements(keyspace: string) {
  const letters = qualified(keyspace, 'dead_letters');
  const summary = `SELECT ${SUMMARY_COLUMNS}, first_seen, state, discard_reason FROM ${letters}`;
  const position = 'SELECT id, topic, partition, kafka_offset, job_row, code, attempt, state';
  const marks = Array.from({ length: 18 }, () => '?').join(', ');
  return {
    insert: `INSERT INTO ${letters} (${SUMMARY_COLUMNS}, key, value, headers) VALUES (${marks}) USING TIMESTAMP ? AND TTL ?`,
    // Its write time falls with time, so the first one wins; below zero, so that a deletion wins over it.
    insertFirstSeen: `INSERT INTO ${letters} (id, first_seen) VALUES (?, ?) USING TIMESTAMP ? AND TTL ?`,
    selectById: `SELECT ${SUMMARY_COLUMNS}, key, value, headers, first_seen, state, discard_reason FROM ${letters} WHERE id = ?`,
    selectAll: summary,
    selectByJob: `${summary} WHERE job_id = ?`,
    selectByFingerprint: `${summary} WHERE fingerprint = ?`,
    selectByJobAndFingerprint: `${summary} WHERE job_id = ? AND fingerprint = ?`,
    selectEach: `${summary} WHERE id IN ?`,
    selectByTopic: `${summary} WHERE topic = ?`,
    selectEachPosition: `${position} FROM ${letters} WHERE id IN ?`,
    selectPositionsByJob: `${position} FROM ${letters} WHERE job_id = ?`,
    selectTimeToLive: `SELECT TTL(topic) AS seconds_left FROM ${letters} WHERE id = ?`,
    // The state lives as long as its letter: no longer, or it would remain alone, and no shorter, or the letter would open again.
    move: `UPDATE ${letters} USING TTL ? SET state = ? WHERE id = ? IF state = ? AND topic = ?`,
    discard: `UPDATE ${letters} USING TTL ? SET state = 'discarded', discard_reason = ? WHERE id = ? IF state = ? AND topic = ?`,
  } as const;
}
