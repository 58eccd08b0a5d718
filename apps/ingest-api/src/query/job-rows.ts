import { LETTER_TTL_S, type RejectEntry, type StoredDeadLetter } from '@orderstream/cassandra';
import { deadLetterId, ProblemError, writeTimeOf, type JobView } from '@orderstream/contracts';
import type { ByPartition, KafkaRecord, PartitionEnds, RecordReader } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import { transformRecord, type SchemaLookup, type StreamRegistry } from '@orderstream/streams';
import { orBrokerUnavailable } from '../problems/broker-unavailable.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { Committed } from '../track/committed-offsets.js';
import { printableRow } from '../reject/stored-reject.js';
import type { JobReader } from '../track/job-reader.js';
import { lastAttemptOf } from '../track/job-view.js';
import { isRejection } from '../track/outcomes.js';
import { shownValue, type ShownValue } from './shown-value.js';
import { RowSearch, type FoundRow } from './row-search.js';
import { isoMicros } from './write-time.js';

/** `unknown`: the sink has refused rows of this job, and the dead letters that named them have expired. */
export type RowOutcome = 'pending' | 'stored' | 'rejected' | 'unknown';

/** One row of a job as it lies on its topic, and what became of it. */
export interface JobRow extends ShownValue {
  readonly job: string;
  /** physical line in a file, index in JSON or in a run */
  readonly row: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  /** CQL write time, ISO 8601 UTC with µs */
  readonly writeTime: string | null;
  readonly outcome: RowOutcome;
  /** the dead letter of a rejected row */
  readonly letter?: { readonly id: string; readonly code: string; readonly stage: string; readonly reason: string };
}

/** A row that was refused at the door: it lies on no topic. */
export interface RefusedRow extends Pick<JobRow, 'job' | 'row'> {
  readonly outcome: 'rejected';
  readonly stage: 'door';
  readonly code: string;
  readonly column: string | null;
  readonly reason: string;
  /** the row as it came, cut after 2,000 characters; control characters as `\xNN` */
  readonly raw: string;
}

export interface JobRowSources {
  readonly streams: Pick<StreamRegistry, 'byTopic'>;
  readonly reader: Pick<JobReader, 'view'>;
  readonly records: Pick<RecordReader, 'read'>;
  readonly ends: { fetchEnds(topics: readonly string[]): Promise<ByPartition<PartitionEnds>> };
  readonly offsets: { latest(): Promise<Committed> };
  readonly letters: { find(id: string): Promise<StoredDeadLetter | undefined> };
  readonly schemas: Pick<SchemaCatalog, 'resolve'>;
  readonly rejects: { find(job: string, row: number): Promise<RejectEntry | undefined> };
}

const KAFKA_DEADLINE_MS = 5_000;
const SCHEMA_DEADLINE_MS = 2_000;
/** For the whole search, a wait in line included. */
const READ_DEADLINE_MS = 20_000;

/** Finds the record of one row of a job on its topic, or why it was refused before it got there. */
export class JobRows {
  constructor(private readonly sources: JobRowSources) {}

  /**
   * Throws `job_not_found`, `row_not_found`, `expired` when retention has deleted the record, `store_unavailable` and
   * `broker_unavailable`. The newest attempt of the row answers.
   */
  async find(job: string, row: number): Promise<JobRow | RefusedRow> {
    const view = await this.sources.reader.view(job);
    const refused = await this.refusedAtDoor(view, row);
    if (refused) return refused;
    const found = await this.search(view, row);
    const { segment, record } = found;
    const { schemas } = await this.sources.schemas.resolve([record], SCHEMA_DEADLINE_MS);
    return {
      job: view.id,
      row,
      topic: segment.topic,
      partition: segment.partition,
      offset: record.offset,
      key: record.key && record.key.toString('utf8'),
      ...shownValue(record.value, schemas),
      writeTime: this.writeTime(segment.topic, record, schemas),
      ...(await this.outcomeOf(view, found)),
    };
  }

  /** Undefined as well for a row that a repair has published since. */
  private async refusedAtDoor(view: JobView, row: number): Promise<RefusedRow | undefined> {
    if (view.counts.rejectedAtDoor === 0) return undefined;
    const entry = await orStoreUnavailable(() => this.sources.rejects.find(view.id, row));
    if (entry?.reject?.stage !== 'door') return undefined;
    const { repairedAttempt = 0, raw, reject } = entry;
    // A mark of a repair counts once the job has segments of its attempt.
    if (repairedAttempt > 0 && repairedAttempt <= lastAttemptOf(view.segments)) return undefined;
    const { code, column = null, reason } = reject;
    return { job: view.id, row, outcome: 'rejected', stage: 'door', code, column, reason, raw: printableRow(raw) };
  }

  private async search(view: JobView, row: number): Promise<FoundRow> {
    const topic = view.segments[0]?.topic;
    if (topic === undefined) throw notPublished(view, row);
    const ends = await orBrokerUnavailable(() => this.sources.ends.fetchEnds([topic]), KAFKA_DEADLINE_MS);
    const search = new RowSearch(view.segments, { job: view.id, row }, ends.get(topic) ?? new Map());
    const read = () => this.sources.records.read(topic, search.starts, (...piece) => search.take(...piece));
    await orBrokerUnavailable(read, READ_DEADLINE_MS);
    if (search.found) return search.found;
    if (!search.isExpired) throw notPublished(view, row);
    const detail = `row ${row} of job ${view.id} is past the retention of ${topic}; the table may still have what it wrote`;
    throw new ProblemError('expired', detail);
  }

  /** That of its header, unless the stream takes it from a field: then the one the sink reads there, if it reads the row. */
  private writeTime(topic: string, record: KafkaRecord, schemas: SchemaLookup): string | null {
    const micros = this.writeMicros(topic, record, schemas);
    return micros === undefined ? null : isoMicros(BigInt(micros));
  }

  private writeMicros(topic: string, record: KafkaRecord, schemas: SchemaLookup): number | string | undefined {
    const stream = this.sources.streams.byTopic(topic);
    if (stream?.writeTimeOf === undefined) return writeTimeOf(record);
    const write = transformRecord(stream, record, undefined, schemas);
    return write.kind === 'upsert' ? write.origin.writeTimeMicros : undefined;
  }

  private async outcomeOf(view: JobView, { segment, record }: FoundRow): Promise<Pick<JobRow, 'outcome' | 'letter'>> {
    const { topic, partition } = segment;
    if (view.settledAt === null) {
      const committed = await orBrokerUnavailable(() => this.sources.offsets.latest(), KAFKA_DEADLINE_MS);
      if (BigInt(record.offset) >= (committed.get(topic)?.get(partition) ?? 0n)) return { outcome: 'pending' };
    }
    const id = deadLetterId(topic, partition, record.offset);
    const letter = await orStoreUnavailable(() => this.sources.letters.find(id));
    if (!letter) return { outcome: outcomeWithoutLetter(view) };
    if (!isRejection(letter)) return { outcome: 'stored' };
    const { code, stage, reason } = letter;
    return { outcome: 'rejected', letter: { id, code, stage, reason } };
  }
}

/** Of a row that the sink has passed: only while the letters of the job are kept does having none say that it is stored. */
export function outcomeWithoutLetter(
  { counts, createdAt }: Pick<JobView, 'counts' | 'createdAt'>,
  nowMs = Date.now(),
): RowOutcome {
  const areKept = nowMs < Date.parse(createdAt) + LETTER_TTL_S * 1000;
  return counts.rejectedInSink === 0 || areKept ? 'stored' : 'unknown';
}

function notPublished({ id, state, counts }: JobView, row: number): ProblemError {
  const reasons = [
    ...(state === 'receiving' ? ['it is still to come'] : []),
    ...(counts.rejectedAtDoor > 0
      ? [`it is one of the ${counts.rejectedAtDoor} rows rejected at the door, and was not kept`]
      : []),
    'the source has no row of this number (a file counts physical lines, its header is line 1; JSON and runs count from 0)',
  ];
  return new ProblemError('row_not_found', `row ${row} of job ${id} was not published: ${reasons.join(', or ')}`);
}
