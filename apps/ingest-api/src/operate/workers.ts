import type { WorkerRepository } from '@orderstream/cassandra';
import type { WorkerStatus, WorkerView } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';

/** The sinks that have said within the last seconds that they are alive. */
export class Workers {
  private stopped: ReadonlySet<string> = new Set();

  constructor(private readonly repository: WorkerRepository) {}

  /** Throws `store_unavailable`. */
  list(): Promise<WorkerView[]> {
    return orStoreUnavailable(async () => {
      const workers = await this.repository.list();
      return workers.map(({ id, address, status }) => ({ id, address, ...(JSON.parse(status) as WorkerStatus) }));
    });
  }

  /** Names (`topic-number`) of the partitions that a worker has stopped; while Cassandra is away, those seen last. */
  async stoppedPartitions(): Promise<ReadonlySet<string>> {
    try {
      const workers = await this.list();
      this.stopped = new Set(
        workers.flatMap(({ stopped }) => stopped.map(({ topic, partition }) => `${topic}-${partition}`)),
      );
    } catch {
      // what was seen last holds
    }
    return this.stopped;
  }
}
