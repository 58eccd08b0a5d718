/**
 * Statistics as absolute values: a bucket of a live source carries the offset up to which it counts, and that offset is
 * its write time, so that an older writer never wins. The lists go together by position. `source` is a topic's id or a
 * recount's; see ADR 16. And which recount of a stream answers.
 */
export const ROLLUPS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.rollups (
  source text,
  shard text,
  name text,
  partition int,
  day int,
  kafka_offset bigint,
  slots frozen<list<int>>,
  counts frozen<list<bigint>>,
  quantities frozen<list<decimal>>,
  revenues frozen<list<decimal>>,
  products frozen<list<text>>,
  more_products boolean,
  sample_offsets frozen<list<bigint>>,
  sample_ids frozen<list<text>>,
  PRIMARY KEY ((source, shard), name, partition, day)
);

CREATE TABLE IF NOT EXISTS {keyspace}.recounts (
  stream text,
  recount_id uuid,
  stats text,
  as_of timestamp,
  records bigint,
  shards frozen<list<text>>,
  PRIMARY KEY ((stream))
);
`;
