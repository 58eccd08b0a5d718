import type { FoundRecord, StoredJob } from '@orderstream/cassandra';
import type { JobKind } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { isoMicros } from './write-time.js';

/** Who wrote a row last. Of a record without a job, `file`, `line`, `job` and `kind` are null. */
export interface OrderLineage {
  /** name of the uploaded file; null for a run, and when the job is no longer known */
  readonly file: string | null;
  /** physical line in a file, index in JSON or in a run */
  readonly line: number | null;
  readonly job: string | null;
  readonly kind: JobKind | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** CQL write time, ISO 8601 UTC with µs */
  readonly writeTime: string;
}

/** Reads the lineage of a row from its own columns and the job they name. */
export class LineageReader {
  constructor(private readonly jobs: { find(id: string): Promise<StoredJob | undefined> }) {}

  /** Null where the row does not say where it came from. Throws `store_unavailable`. */
  async of(topic: string, { lineage, writeTimeMicros }: FoundRecord): Promise<OrderLineage | null> {
    const { jobId, jobRow, partition, offset } = lineage;
    if (partition < 0) return null;
    const job = jobId === undefined ? undefined : await orStoreUnavailable(() => this.jobs.find(jobId));
    return {
      file: job === undefined || job.kind === 'run' ? null : job.sourceName,
      line: jobRow ?? null,
      job: jobId ?? null,
      kind: job?.kind ?? null,
      topic,
      partition,
      offset,
      writeTime: isoMicros(writeTimeMicros),
    };
  }
}
