/**
 * Rejects of a job lie in buckets of 256 row numbers, so that a reject that is written again is the same row, and no
 * bucket is larger than 16 MiB. The job's own row of `reject_buckets` lists its buckets and says what its file looked like.
 */
export const REJECTS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.rejects (
  job_id uuid,
  bucket int,
  row_number int,
  stage text,
  code text,
  column_name text,
  reason text,
  value text,
  raw blob,
  repaired_attempt int,
  PRIMARY KEY ((job_id, bucket), row_number)
);

CREATE TABLE IF NOT EXISTS {keyspace}.reject_buckets (
  job_id uuid,
  bucket int,
  format text static,
  delimiter text static,
  header frozen<list<text>> static,
  PRIMARY KEY ((job_id), bucket)
);
`;
