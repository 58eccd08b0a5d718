/** `state` is written by lightweight transactions only and null means open; everything else by plain upserts. */
export const DEAD_LETTERS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.dead_letters (
  id text,
  topic text,
  partition int,
  kafka_offset bigint,
  stream text,
  stage text,
  code text,
  column_name text,
  reason text,
  fingerprint text,
  key blob,
  value blob,
  headers frozen<map<text, blob>>,
  record_time timestamp,
  write_time bigint,
  job_id uuid,
  job_row int,
  attempt int,
  first_seen timestamp,
  state text,
  PRIMARY KEY ((id))
);

CREATE INDEX IF NOT EXISTS dead_letters_job_id_idx ON {keyspace}.dead_letters (job_id) USING 'sai';

CREATE INDEX IF NOT EXISTS dead_letters_fingerprint_idx ON {keyspace}.dead_letters (fingerprint) USING 'sai';

CREATE INDEX IF NOT EXISTS dead_letters_topic_idx ON {keyspace}.dead_letters (topic) USING 'sai';
`;
