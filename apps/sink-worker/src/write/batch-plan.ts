import type { Statement } from '@orderstream/cassandra';

export interface BatchLimits {
  /** most partition keys of one batch; Cassandra warns above `unlogged_batch_across_partitions_warn_threshold` (10) */
  readonly maxKeys: number;
  /** most bytes of one batch; Cassandra warns above `batch_size_warn_threshold` (5 KiB) */
  readonly maxBytes: number;
}

interface OpenBatch {
  indexes: number[];
  bytes: number;
}

/**
 * Groups statements by the replica set that owns them, in their order, under both limits. Every group is a list of
 * indexes into `statements`; holes (records that were refused) are left out. A statement larger than the byte limit
 * stands alone.
 */
export function planBatches(
  statements: readonly (Statement | undefined)[],
  limits: BatchLimits,
  replicaSetOf: (statement: Statement) => string,
): number[][] {
  const batches: number[][] = [];
  const openByReplicaSet = new Map<string, OpenBatch>();
  statements.forEach((statement, index) => {
    if (statement === undefined) return;
    const replicaSet = replicaSetOf(statement);
    const open = openByReplicaSet.get(replicaSet);
    if (open && open.indexes.length < limits.maxKeys && open.bytes + statement.sizeBytes <= limits.maxBytes) {
      open.indexes.push(index);
      open.bytes += statement.sizeBytes;
      return;
    }
    const batch = { indexes: [index], bytes: statement.sizeBytes };
    openByReplicaSet.set(replicaSet, batch);
    batches.push(batch.indexes);
  });
  return batches;
}
