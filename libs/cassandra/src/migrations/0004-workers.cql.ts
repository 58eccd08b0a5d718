/** Rows live seconds and are never deleted but by their TTL, so their remains need not be kept for repair. */
export const WORKERS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.workers (
  shard text,
  id text,
  address text,
  status text,
  PRIMARY KEY ((shard), id)
) WITH gc_grace_seconds = 600;
`;
