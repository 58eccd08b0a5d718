import { ProblemError } from '@orderstream/contracts';
import type { Metrics } from '@orderstream/observability';
import { Places } from './places.js';

/** Each reads a whole file and holds nothing of it. */
const MAX_DRY_RUNS = 8;
/** Each holds up to 1 MiB. */
const MAX_JSON_BODIES = 256;

export interface DoorParts {
  readonly backends: { storeUp(): boolean };
  readonly flow: { admit(): void };
  readonly metrics: Metrics;
}

/**
 * Who may come in now. An upload has its place from its body until it is published, not while its sender waits for
 * more; single records and dry runs have places of their own, so that uploads that are held back keep neither out.
 */
export class Door {
  readonly uploads: Places;
  readonly dryRuns = new Places({ most: MAX_DRY_RUNS, fullDetail: 'dry runs are being read already; try again' });
  /** JSON that may be one record; an array changes its place for that of an upload */
  readonly json = new Places({
    most: MAX_JSON_BODIES,
    fullDetail: 'JSON bodies are being received already; try again',
  });

  constructor(
    private readonly parts: DoorParts,
    maxUploads: number,
  ) {
    this.uploads = new Places({
      most: maxUploads,
      fullDetail: 'uploads are being received already; MAX_UPLOADS sets the number',
      onChange: (taken) => parts.metrics.gauges.uploadsOpen.set(taken),
    });
  }

  get isStoreUp(): boolean {
    return this.parts.backends.storeUp();
  }

  /** A new job needs Cassandra, a sink that is not too far behind, and a place. Throws what says which it has not. */
  admitUpload(): () => void {
    const { backends, flow } = this.parts;
    const detail = 'Cassandra does not answer, so no job can be made; single records are taken';
    if (!backends.storeUp()) throw new ProblemError('store_unavailable', detail, { retryAfterSeconds: 2 });
    flow.admit();
    return this.uploads.take();
  }
}
