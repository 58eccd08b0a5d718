import { performance } from 'node:perf_hooks';
import type { BatchOutcome, RecordBatch } from '@orderstream/kafka';
import type { Metrics } from '@orderstream/observability';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { PartitionTally } from './consume/partition-tally.js';
import type { DerivedPublisher } from './derive/derived-publisher.js';
import type { Rejecter } from './reject/rejecter.js';
import type { Rollup } from './rollup/rollup.js';
import { bindStatements, type Route, type Transformation } from './write/bind-statements.js';
import type { CassandraWriter } from './write/cassandra-writer.js';
import { finishedPrefix, type RecordOutcome } from './write/finished-prefix.js';

/** The rest of the deadline is for what follows, so that a slow store cannot keep a bad record from getting its letter. */
const WRITE_SHARE = 0.7;
/** And this much of it for the statistics. */
const COUNT_SHARE = 0.15;
/** Schemas are asked for once in their life; what the registry takes longer for is asked for again. */
const SCHEMA_SHARE = 0.3;
/** Of what the store has left before the statistics; the rest is for dead letters. */
const DERIVE_SHARE = 0.5;
const REVOKED: BatchOutcome = { finished: 0, verdict: 'revoked' };

/** The registry did not say what the record is: it waits, as for a store that is away. */
const WITHOUT_SCHEMA: RecordOutcome = Object.freeze({ kind: 'waiting', reason: 'registry_away' });

export interface Stages {
  readonly schemas: Pick<SchemaCatalog, 'resolve'>;
  readonly writer: CassandraWriter;
  readonly deriver: DerivedPublisher;
  readonly rejecter: Rejecter;
  readonly rollup: Rollup;
}

/**
 * The whole path of a record:
 *
 *   consume → look schemas up → decode → transform → write → publish derived → reject → count → commit
 *
 * The transport hands over what one fetch brought of one partition, and commits the prefix that is finished: stored in
 * Cassandra, its derived record acknowledged by Kafka where the stream has one, or in the dead letters with its reason;
 * and counted in the statistics. Nothing here waits longer than one write deadline or throws.
 */
export class Pipeline {
  constructor(
    private readonly routeByTopic: ReadonlyMap<string, Route>,
    private readonly stages: Stages,
    private readonly observed: { readonly tally: PartitionTally; readonly metrics: Metrics },
    private readonly writeDeadlineMs: number,
  ) {}

  async process(batch: RecordBatch): Promise<BatchOutcome> {
    const route = this.routeByTopic.get(batch.topic);
    if (!route) return { finished: 0, verdict: 'unknown', error: new Error(`no stream reads topic ${batch.topic}`) };
    const deadline = performance.now() + this.writeDeadlineMs;
    const remainingMs = () => deadline - performance.now();

    const { schemas, writer, deriver, rejecter, rollup } = this.stages;
    const { table, derivedTopic } = route.stream.definition;

    const count = rollup.begin(batch, route.stream);
    const resolved = await schemas.resolve(batch.records, remainingMs() * SCHEMA_SHARE);
    const found: Transformation = { refused: new Map(), derived: new Map(), fold: count.fold };
    const statements = bindStatements({ ...route, ...resolved }, batch, found); // decodes and transforms as it goes
    const written = await writer.write(statements, batch.records.length, {
      topic: batch.topic,
      table,
      deadlineMs: remainingMs() * WRITE_SHARE,
      onProgress: () => batch.heartbeat(),
    });
    const restMs = () => remainingMs() - this.writeDeadlineMs * COUNT_SHARE;
    const published = await deriver.publish(derivedTopic, { ...found, written }, restMs() * DERIVE_SHARE);
    const { refused } = found;
    const outcomes = await rejecter.settle(batch, route.stream, { refused, written: published }, restMs);

    for (let index = resolved.readable; index < outcomes.length; index++) outcomes[index] = WITHOUT_SCHEMA;
    const done = batch.isRevoked() ? REVOKED : finishedPrefix(outcomes);
    const outcome = await count.settle(done, { outcomes, refused, schemas: resolved.schemas }, remainingMs());
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
