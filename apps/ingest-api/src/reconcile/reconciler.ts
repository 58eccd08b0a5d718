import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { DeadLetterRepository, RecordTable, StatementRunner } from '@orderstream/cassandra';
import { ProblemError, type Reconciliation } from '@orderstream/contracts';
import type { ReconcileQuery } from '@orderstream/contracts/dto';
import type { KafkaAdmin, LogReader } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { CompiledStream, StreamRegistry } from '@orderstream/streams';
import { ProofQueue } from '../generate/proof-queue.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import type { WriteClock } from '../publish/write-clock.js';
import type { CommittedOffsets } from '../track/committed-offsets.js';
import { KeyedWrites } from './keyed-writes.js';
import { LetteredPlaces } from './lettered-places.js';
import type { OpenJobs } from './open-jobs.js';
import { LogScan, orBrokerFailed } from './log-scan.js';
import { Mender } from './mender.js';
import { Overruling, type OverruleParts } from './overrule.js';
import { ReconcileTally } from './reconcile-tally.js';
import { checkWindow, windowsOf, type LogState } from './reconcile-windows.js';
import { Reconciling } from './reconciling.js';
import { StoredRows } from './stored-rows.js';

/** Keys in memory at once, and bytes of their text. A window with more of them is read several times. */
const MAX_KEYS = 50_000;
const MAX_KEY_BYTES = 16 * 1024 * 1024;

export interface ReconcilerParts extends OverruleParts {
  readonly streams: StreamRegistry;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  readonly runner: StatementRunner;
  readonly letters: Pick<DeadLetterRepository, 'lettersOfTopic'>;
  readonly admin: Pick<KafkaAdmin, 'fetchEnds' | 'fetchOffsetsAt' | 'isCompacted'>;
  readonly openJobs: Pick<OpenJobs, 'oldestBase'>;
  readonly offsets: Pick<CommittedOffsets, 'latest'>;
  readonly topicLog: LogReader;
  readonly schemas: SchemaCatalog;
  readonly clock: WriteClock;
}

/**
 * Holds tables against the log, one at a time per process; whoever asks for the same again shares the one under way.
 * Memory: 50,000 keys of 16 MiB at most, 4 MiB of records, for a repair 16 MiB more, and one bit for a record about which
 * there is a letter.
 */
export class Reconciler {
  private readonly proofs = new ProofQueue<Reconciliation>('stream');

  constructor(private readonly parts: ReconcilerParts) {}

  /**
   * Throws `stream_not_found`, `bad_parameter`, `rows_expire`, `too_many_requests`, `store_unavailable`, `broker_unavailable`, `registry_unavailable`, and the
   * signal's reason: what nobody waits for ends. What it has mended until then stays so.
   */
  async reconcile(name: string, query: ReconcileQuery, signal: AbortSignal): Promise<Reconciliation> {
    const stream = streamNamed(this.parts.streams, name);
    checkWindow(query);
    if (stream.definition.ttl !== undefined) throw expiring(stream);
    const given = Object.entries(query).map(([parameter, value]) => `${parameter}=${value}`);
    const prove = (stopped: AbortSignal) => orStoreUnavailable(() => this.prove(stream, query, stopped));
    return this.proofs.run(`${name}?${given.sort().join('&')}`, prove, signal);
  }

  /** Ends what is under way; its callers get `shutting_down`. What it has mended stays so. */
  stop(): Promise<void> {
    return this.proofs.close();
  }

  private async prove(stream: CompiledStream, query: ReconcileQuery, signal: AbortSignal): Promise<Reconciliation> {
    const { topic } = stream;
    const startedAt = performance.now();
    const id = randomUUID();
    const { windows, state } = await orBrokerFailed(() => this.look(topic, query));
    const tally = new ReconcileTally({ repair: query.repair === 'true', overrule: query.overrule === 'true' });
    const { topicLog, tableByStream, runner, schemas } = this.parts;
    const writes = new KeyedWrites(stream, await this.letteredPlaces(topic, signal), schemas);
    const log = new LogScan(topicLog, topic, schemas, signal);
    const rows = new StoredRows(tableByStream.get(stream.name)!, runner, signal);
    const shared = { stream, log, writes, rows, tally };
    const overruling = query.overrule === 'true' ? new Overruling(this.parts, stream, id) : undefined;
    const mender = query.repair === 'true' ? new Mender({ ...shared, overruling }) : undefined;
    const { committedByPartition } = state;
    const fetchEnds = () => orBrokerFailed(() => this.endsOf(topic));
    const nowMicros = () => this.parts.clock.next();
    const isCompacted = await this.parts.admin.isCompacted(topic);
    const oldestOpenBase = async () => (overruling ? this.parts.openJobs.oldestBase(stream.name) : undefined);
    const about = { isCompacted, oldestOpenBase };
    const limits = { committedByPartition, fetchEnds, nowMicros, maxKeys: MAX_KEYS, maxKeyBytes: MAX_KEY_BYTES };
    const work = new Reconciling({ ...shared, ...limits, ...about, mender });
    await work.run(windows);
    const answer = tally.answer({ id, stream: stream.name, topic }, windows, (performance.now() - startedAt) / 1000);
    this.report(answer);
    return answer;
  }

  /** Committed offsets first: what lies before them is stored when the rows are read. */
  private async look(topic: string, query: ReconcileQuery) {
    const { offsets, admin } = this.parts;
    const committedByPartition = (await offsets.latest()).get(topic) ?? new Map<number, bigint | null>();
    const state: LogState = { committedByPartition, endsByPartition: await this.endsOf(topic) };
    return { state, windows: await windowsOf(query, topic, state, admin) };
  }

  private async endsOf(topic: string): Promise<LogState['endsByPartition']> {
    return (await this.parts.admin.fetchEnds([topic])).get(topic) ?? new Map();
  }

  /** Whatever was refused once, at any stage: its letter says what became of it, and the definition may have changed since. */
  private async letteredPlaces(topic: string, signal: AbortSignal): Promise<LetteredPlaces> {
    const places = new LetteredPlaces();
    for await (const letters of this.parts.letters.lettersOfTopic(topic)) {
      signal.throwIfAborted();
      for (const { partition, offset } of letters) places.add(partition, offset);
    }
    return places;
  }

  private report({
    id,
    stream,
    records,
    keys,
    missing,
    stale,
    foreign,
    repair,
    overruled,
    seconds,
  }: Reconciliation): void {
    const counts = { missing: missing.count, stale: stale.count, foreign: foreign.count };
    const mended = { repaired: repair?.repaired, shadowed: repair?.shadowed.count, overruled: overruled?.count };
    this.parts.log.info({ reconciliation: id, stream, records, keys, ...counts, ...mended, seconds }, 'reconciled');
  }
}

/** A row that is missing may have been there for as long as it was meant to be. */
const expiring = ({ name, definition: { ttl } }: CompiledStream): ProblemError =>
  new ProblemError(
    'rows_expire',
    `rows of ${name} are gone after ${ttl} s, so what the table lacks need not be missing`,
  );
