import { performance } from 'node:perf_hooks';
import { classify, type ReplicaSets, type Statement, type StatementRunner } from '@orderstream/cassandra';
import type { Metrics } from '@orderstream/observability';
import { Limiter } from '@orderstream/resilience';
import { planBatches, type BatchLimits, type PlannedBatch } from './batch-plan.js';
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

  /**
   * One outcome for each of the `count` statements that `source` has; a hole in it has the outcome `waiting`, as has
   * what was not sent. Takes from `source` only what there is room for. Never rejects, never waits beyond the deadline.
   */
  async write(
    source: Iterable<Statement | undefined>,
    count: number,
    context: WriteContext,
  ): Promise<readonly WriteOutcome[]> {
    const outcomes = new Array<WriteOutcome | undefined>(count);
    const attempt: Attempt = { outcomes, context, halted: undefined };
    await this.untilDeadline(this.sendAll(source, attempt), attempt);
    const waiting: WriteOutcome = { kind: 'waiting', reason: attempt.halted ?? 'no_statement' };
    return Array.from(outcomes, (outcome) => outcome ?? waiting);
  }

  private async sendAll(source: Iterable<Statement | undefined>, attempt: Attempt): Promise<void> {
    const plan = planBatches(source, this.options, (statement) => this.replicas.replicaSetOf(statement));
    const work: Promise<void>[] = [];
    for (;;) {
      await this.limiter.enter();
      const batch = this.takeNext(plan, attempt);
      if (batch === undefined) break;
      work.push(this.writeBatch(batch, attempt).finally(() => this.limiter.leave()));
    }
    await Promise.all(work);
  }

  /** Gives the place back when there is nothing to send. */
  private takeNext(plan: Generator<PlannedBatch, void, void>, attempt: Attempt): PlannedBatch | undefined {
    let batch: PlannedBatch | undefined;
    try {
      batch = attempt.halted === undefined ? (plan.next().value ?? undefined) : undefined;
      return batch;
    } finally {
      if (batch === undefined) this.limiter.leave();
    }
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

  private async writeBatch({ indexes, statements }: PlannedBatch, attempt: Attempt): Promise<void> {
    if (attempt.halted !== undefined) return;
    const error = await this.send(statements, attempt.context);
    if (error === undefined) {
      for (const index of indexes) attempt.outcomes[index] = STORED;
      await this.reportProgress(attempt);
    } else if (error.class === 'transient') {
      attempt.halted ??= error.code;
    } else if (indexes.length === 1) {
      attempt.outcomes[indexes[0]!] = outcomeOf(error);
    } else {
      this.metrics.counters.batchFallbacks.inc({ topic: attempt.context.topic });
      for (let i = 0; i < indexes.length; i++) {
        await this.writeBatch({ indexes: [indexes[i]!], statements: [statements[i]!] }, attempt);
      }
    }
  }

  /** The failure with its class, or undefined when Cassandra acknowledged. */
  private async send(statements: readonly Statement[], { table }: WriteContext): Promise<Failure | undefined> {
    const startedAt = performance.now();
    try {
      await this.runner.executeBatch(statements);
      return undefined;
    } catch (error) {
      return { ...classify(error), error };
    } finally {
      this.metrics.histograms.writeSeconds.observe({ table }, (performance.now() - startedAt) / 1000);
      this.metrics.histograms.writeBatchRows.observe({ table }, statements.length);
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
