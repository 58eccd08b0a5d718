/**
 * Why an operator discarded a letter; the letters a redrive takes, in the order of its rows, with the place where the
 * copy of each was acknowledged; and which redrive was begun last. Whoever goes on with one after a crash needs nothing
 * else. The list of a redrive is of no use once it has ended, so it expires.
 */
export const REDRIVES_CQL = `
ALTER TABLE {keyspace}.dead_letters ADD IF NOT EXISTS discard_reason text;

CREATE TABLE IF NOT EXISTS {keyspace}.redrive_letters (
  redrive_id uuid,
  bucket int,
  position int,
  id text,
  job_id uuid,
  sent_offset bigint,
  sent_attempt int,
  PRIMARY KEY ((redrive_id, bucket), position)
) WITH default_time_to_live = 2592000;

CREATE TABLE IF NOT EXISTS {keyspace}.redrive_last (
  shard text,
  redrive_id uuid,
  selection text,
  PRIMARY KEY ((shard))
);
`;
