import { performance } from 'node:perf_hooks';
import type { RecordTable } from '@orderstream/cassandra';
import type { BatchOutcome, RecordBatch } from '@orderstream/kafka';
import type { Metrics } from '@orderstream/observability';
import type { CompiledStream } from '@orderstream/streams';
import type { PartitionTally } from './consume/partition-tally.js';
import type { Rejecter } from './reject/rejecter.js';
import type { Rollup } from './rollup/rollup.js';
import { bindStatements, type RefusedByIndex } from './write/bind-statements.js';
import type { CassandraWriter } from './write/cassandra-writer.js';
import { finishedPrefix, type RecordOutcome } from './write/finished-prefix.js';

/** The rest of the deadline is for dead letters, so that a slow store cannot keep a bad record from getting its own. */
const WRITE_SHARE = 0.7;
/** And this much of it for the statistics. */
const COUNT_SHARE = 0.15;
const REVOKED: BatchOutcome = { finished: 0, verdict: 'revoked' };

/** Where the records of one topic go. */
export interface Route {
  readonly stream: CompiledStream;
  readonly table: RecordTable;
}

/**
 * The whole path of a record:
 *
 *   consume → decode → transform → write → reject → count → commit
 *
 * The transport hands over what one fetch brought of one partition, and commits the prefix that is finished: stored in
 * Cassandra, or in the dead letters with its reason, and counted in the statistics. Nothing here waits longer than one write deadline or throws.
 */
export class Pipeline {
  constructor(
    private readonly routeByTopic: ReadonlyMap<string, Route>,
    private readonly writer: CassandraWriter,
    private readonly after: { readonly rejecter: Rejecter; readonly rollup: Rollup },
    private readonly observed: { readonly tally: PartitionTally; readonly metrics: Metrics },
    private readonly writeDeadlineMs: number,
  ) {}

  async process(batch: RecordBatch): Promise<BatchOutcome> {
    const route = this.routeByTopic.get(batch.topic);
    if (!route) return { finished: 0, verdict: 'unknown', error: new Error(`no stream reads topic ${batch.topic}`) };
    const deadline = performance.now() + this.writeDeadlineMs;
    const remainingMs = () => deadline - performance.now();

    const { rejecter, rollup } = this.after;
    const refused: RefusedByIndex = new Map();
    const count = rollup.begin(batch, route.stream);
    const bound = { refused, fold: count.fold };
    const statements = bindStatements(route.stream, route.table, batch, bound); // decodes and transforms as it goes
    const written = await this.writer.write(statements, batch.records.length, {
      topic: batch.topic,
      table: route.stream.definition.table,
      deadlineMs: remainingMs() * WRITE_SHARE,
      onProgress: () => batch.heartbeat(),
    });
    const lettersMs = () => remainingMs() - this.writeDeadlineMs * COUNT_SHARE;
    const outcomes = await rejecter.settle(batch, route.stream, { refused, written }, lettersMs);

    const done = batch.isRevoked() ? REVOKED : finishedPrefix(outcomes);
    const outcome = await count.settle(done, { outcomes, refused }, remainingMs());
    this.count(batch, outcomes.slice(0, outcome.finished), remainingMs());
    return outcome;
  }

  /** Only what is finished: the rest comes again. */
  private count(batch: RecordBatch, outcomes: readonly RecordOutcome[], remainingMs: number): void {
    const { topic, partition } = batch;
    const lastStored = outcomes.findLastIndex((outcome) => outcome.kind === 'stored');
    const stored = outcomes.reduce((sum, outcome) => sum + (outcome.kind === 'stored' ? 1 : 0), 0);
    const rejected = outcomes.reduce((sum, outcome) => sum + (outcome.kind === 'rejected' ? 1 : 0), 0);
    const sampleKey = batch.records[lastStored]?.key?.toString() ?? null;
    this.observed.tally.add(topic, partition, { stored, rejected, sampleKey });
    this.observed.metrics.counters.rowsStored.inc({ topic, partition }, stored);
    this.observed.metrics.histograms.pipelineSeconds.observe({ topic }, (this.writeDeadlineMs - remainingMs) / 1000);
  }
}
