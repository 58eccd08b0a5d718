import type { Statement } from '@orderstream/cassandra';

export interface BatchLimits {
  /** most partition keys of one batch; Cassandra warns above `unlogged_batch_across_partitions_warn_threshold` (10) */
  readonly maxKeys: number;
  /** most bytes of one batch; Cassandra warns above `batch_size_warn_threshold` (5 KiB) */
  readonly maxBytes: number;
}

/** Statements that go to Cassandra together, and where each stands in the fetch. */
export interface PlannedBatch {
  readonly indexes: number[];
  readonly statements: Statement[];
}

interface OpenBatch extends PlannedBatch {
  bytes: number;
}

/**
 * Groups statements by the replica set that owns them, in their order, under both limits. Holes (records that were
 * refused) are left out; a statement larger than the byte limit stands alone. Takes statements from its source only as
 * far as the next batch needs: what was not yet asked for was not yet made.
 */
export function* planBatches(
  source: Iterable<Statement | undefined>,
  limits: BatchLimits,
  replicaSetOf: (statement: Statement) => string,
): Generator<PlannedBatch, void, void> {
  const openByReplicaSet = new Map<string, OpenBatch>();
  let index = -1;
  for (const statement of source) {
    index++;
    if (statement === undefined) continue;
    const replicaSet = replicaSetOf(statement);
    const open = openByReplicaSet.get(replicaSet);
    const isFull = open !== undefined && open.indexes.length >= limits.maxKeys; // only when one row is a whole batch
    if (open === undefined || isFull || open.bytes + statement.sizeBytes > limits.maxBytes) {
      openByReplicaSet.set(replicaSet, { indexes: [index], statements: [statement], bytes: statement.sizeBytes });
      if (open) yield open;
      continue;
    }
    open.indexes.push(index);
    open.statements.push(statement);
    open.bytes += statement.sizeBytes;
    if (open.indexes.length < limits.maxKeys) continue;
    openByReplicaSet.delete(replicaSet);
    yield open;
  }
  yield* openByReplicaSet.values();
}
