import { classify, type ReplicaSets, type Statement, type StatementRunner } from '@orderstream/cassandra';
import type { Metrics } from '@orderstream/observability';
import { Limiter } from '@orderstream/resilience';
import { planBatches, type BatchLimits } from './batch-plan.js';
import { STORED, type WriteOutcome } from './write-outcome.js';

export interface WriterOptions extends BatchLimits {
  /** batches on their way to Cassandra at once, over all partitions */
  readonly maxInFlight: number;
}

export interface WriteContext {
  readonly topic: string;
  readonly table: string;
  /** the call ends after this many ms, whatever is still on its way */
  readonly deadlineMs: number;
  /** Called after each acknowledged batch; a rejection ends the work (the partition was revoked). */
  readonly onProgress: () => Promise<void>;
}

/** One call of `write`: its outcomes so far, and whether to stop sending. */
interface Attempt {
  readonly statements: readonly (Statement | undefined)[];
  readonly outcomes: (WriteOutcome | undefined)[];
  readonly context: WriteContext;
  /** set once: why nothing more is sent */
  halted: string | undefined;
}

/**
 * Writes the records of one fetch as unlogged batches. A transient failure halts the attempt: what was not yet sent
 * waits. A batch that Cassandra refuses is written again row by row, so that only the guilty row is refused.
 */
export class CassandraWriter {
  private readonly limiter: Limiter;

  constructor(
    private readonly runner: StatementRunner,
    private readonly replicas: ReplicaSets,
    private readonly metrics: Metrics,
    private readonly options: WriterOptions,
  ) {
    this.limiter = new Limiter(options.maxInFlight);
  }

  /** One outcome per statement, undefined where there was none. Never rejects, never waits beyond the deadline. */
  async write(
    statements: readonly (Statement | undefined)[],
    context: WriteContext,
  ): Promise<readonly (WriteOutcome | undefined)[]> {
    const attempt: Attempt = {
      statements,
      outcomes: new Array<WriteOutcome | undefined>(statements.length),
      context,
      halted: undefined,
    };
    const plan = planBatches(statements, this.options, (statement) => this.replicas.replicaSetOf(statement));
    const work = plan.map((indexes) => this.limiter.run(() => this.writeBatch(indexes, attempt)));
    await this.untilDeadline(Promise.all(work), attempt);
    return statements.map((statement, i) => {
      if (statement === undefined) return undefined;
      return attempt.outcomes[i] ?? { kind: 'waiting', reason: attempt.halted ?? 'halted' };
    });
  }

  private async untilDeadline(work: Promise<unknown>, attempt: Attempt): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        attempt.halted ??= 'write_deadline';
        resolve();
      }, attempt.context.deadlineMs);
    });
    await Promise.race([work, deadline]);
    clearTimeout(timer);
  }

  private async writeBatch(indexes: readonly number[], attempt: Attempt): Promise<void> {
    if (attempt.halted !== undefined) return;
    const error = await this.send(indexes, attempt);
    if (error === undefined) {
      for (const index of indexes) attempt.outcomes[index] = STORED;
      await this.reportProgress(attempt);
    } else if (error.class === 'transient') {
      attempt.halted ??= error.code;
    } else if (indexes.length === 1) {
      attempt.outcomes[indexes[0]!] = outcomeOf(error);
    } else {
      this.metrics.counters.batchFallbacks.inc({ topic: attempt.context.topic });
      for (const index of indexes) await this.writeBatch([index], attempt);
    }
  }

  /** The failure with its class, or undefined when Cassandra acknowledged. */
  private async send(indexes: readonly number[], attempt: Attempt): Promise<Failure | undefined> {
    const { table } = attempt.context;
    const started = process.hrtime.bigint();
    try {
      await this.runner.executeBatch(indexes.map((index) => attempt.statements[index]!));
      return undefined;
    } catch (error) {
      return { ...classify(error), error };
    } finally {
      this.metrics.histograms.writeSeconds.observe({ table }, Number(process.hrtime.bigint() - started) / 1e9);
      this.metrics.histograms.writeBatchRows.observe({ table }, indexes.length);
    }
  }

  private async reportProgress(attempt: Attempt): Promise<void> {
    try {
      await attempt.context.onProgress();
    } catch {
      attempt.halted ??= 'revoked';
    }
  }
}

type Failure = ReturnType<typeof classify> & { readonly error: unknown };

function outcomeOf(failure: Failure): WriteOutcome {
  if (failure.class === 'permanent') {
    return { kind: 'refused', fault: { code: 'refused_by_store', reason: failure.message } };
  }
  return { kind: 'unknown', error: failure.error };
}
