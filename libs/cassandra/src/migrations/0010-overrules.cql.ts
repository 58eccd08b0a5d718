/** Rows that an operator had written over what a hand wrote or deleted: one line each, kept for ever. */
export const OVERRULES_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.overrules (
  stream text,
  day date,
  new_write_time bigint,
  record_key text,
  reconciliation_id uuid,
  fault text,
  topic text,
  partition int,
  kafka_offset bigint,
  expected_write_time bigint,
  found_write_time bigint,
  PRIMARY KEY ((stream, day), new_write_time, record_key)
) WITH CLUSTERING ORDER BY (new_write_time DESC, record_key ASC);
`;
