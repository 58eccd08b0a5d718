/**
 * A job and its segments share a partition: the job's own columns are static, a segment is a row. So a checkpoint
 * (counts, state, segments) is one mutation, applied as a whole or not at all, and a resume never reads half of it.
 */
export const JOBS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.jobs (
  id uuid,
  seq int,
  kind text static,
  stream text static,
  state text static,
  source_name text static,
  source_bytes bigint static,
  source_sha256 text static,
  idempotency_key text static,
  options text static,
  write_time_base bigint static,
  expected bigint static,
  received bigint static,
  accepted bigint static,
  published bigint static,
  rejected_at_door bigint static,
  stored bigint static,
  rejected_in_sink bigint static,
  rejected_by_code frozen<map<text, bigint>> static,
  warnings frozen<list<text>> static,
  checkpoint text static,
  failure text static,
  created_at timestamp static,
  published_at timestamp static,
  settled_at timestamp static,
  topic text,
  partition int,
  base bigint,
  count int,
  first_row int,
  last_row int,
  attempt int,
  PRIMARY KEY ((id), seq)
);

CREATE TABLE IF NOT EXISTS {keyspace}.job_days (
  shard text,
  day date,
  PRIMARY KEY ((shard), day)
) WITH CLUSTERING ORDER BY (day DESC);

CREATE TABLE IF NOT EXISTS {keyspace}.jobs_by_day (
  day date,
  created_at timestamp,
  id uuid,
  PRIMARY KEY ((day), created_at, id)
) WITH CLUSTERING ORDER BY (created_at DESC, id DESC);

CREATE TABLE IF NOT EXISTS {keyspace}.job_leases (
  job_id uuid,
  owner text,
  PRIMARY KEY ((job_id))
);
`;
