import type { ReplicaSets, Statement, StatementRunner } from '@orderstream/cassandra';
import { Limiter } from '@orderstream/resilience';
import { planBatches, type BatchLimits } from '../write/batch-plan.js';

export interface BucketWriterOptions extends BatchLimits {
  /** batches on their way to Cassandra at once, over all partitions */
  readonly maxInFlight: number;
}

/** Writes buckets in unlogged batches, as rows are. */
export class BucketWriter {
  private readonly limiter: Limiter;

  constructor(
    private readonly runner: Pick<StatementRunner, 'executeBatch'>,
    private readonly replicas: Pick<ReplicaSets, 'replicaSetOf'>,
    private readonly options: BucketWriterOptions,
  ) {
    this.limiter = new Limiter(options.maxInFlight);
  }

  /**
   * Resolves when all are acknowledged; rejects with the driver's error as soon as one batch fails. `acknowledged` is
   * told of each statement by its index, also after a rejection.
   */
  async write(statements: readonly Statement[], acknowledged: (index: number) => void): Promise<void> {
    const send = async (batch: readonly Statement[], indexes: readonly number[]): Promise<void> => {
      await this.limiter.run(() => this.runner.executeBatch(batch));
      indexes.forEach(acknowledged);
    };
    const work: Promise<void>[] = [];
    for (const batch of planBatches(statements, this.options, (each) => this.replicas.replicaSetOf(each)))
      work.push(send(batch.statements, batch.indexes));
    await Promise.all(work);
  }
}
