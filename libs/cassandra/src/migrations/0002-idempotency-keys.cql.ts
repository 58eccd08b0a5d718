/** Written by lightweight transactions only. */
export const IDEMPOTENCY_KEYS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.idempotency_keys (
  key text,
  job_id uuid,
  stream text,
  options text,
  sha256 text,
  PRIMARY KEY ((key))
);
`;
