/**
 * What an operator orders for a stopped partition, read by the sinks. Rows live seconds and are deleted once they are
 * carried out, so their remains need not be kept for repair.
 */
export const PARTITION_ORDERS_CQL = `
CREATE TABLE IF NOT EXISTS {keyspace}.partition_orders (
  shard text,
  id timeuuid,
  topic text,
  partition int,
  kafka_offset bigint,
  action text,
  PRIMARY KEY ((shard), id)
) WITH gc_grace_seconds = 600;
`;
