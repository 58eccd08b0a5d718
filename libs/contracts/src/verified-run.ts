/** From made to readable, ms; of a sample of the records. */
export interface SampledLatency {
  readonly p50: number;
  readonly p99: number;
  /** number of records that were measured and kept */
  readonly sampled: number;
}

/** Counts are records; one superseded by a newer update of the run counts as stored when the table holds the newest. */
export interface VerifiedRun {
  /** = stored + rejected + lost + stale + different */
  readonly expected: number;
  readonly stored: number;
  /** records that were refused: they have a dead letter */
  readonly rejected: number;
  /** records that were made to be refused */
  readonly planted: number;
  readonly lost: number;
  /** the row has another write time than the newest update's */
  readonly stale: number;
  /** the row has the newest write time, but not the contents that the seed makes */
  readonly different: number;
  /** rows under the run's keys or its job that it did not make */
  readonly unexpected: number;
  /** ids of what is lost, at most 100 */
  readonly missing: readonly string[];
  /** ids of the others, at most 100 each */
  readonly examples: {
    readonly stale: readonly string[];
    readonly different: readonly string[];
    readonly unexpected: readonly string[];
  };
  /** from made to readable, of a sample; null when none was measured */
  readonly latencyMs: SampledLatency | null;
}
