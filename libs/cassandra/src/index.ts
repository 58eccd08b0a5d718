export type { CassandraOptions, Consistency } from './session/cassandra-options.js';
export { CassandraSession, createCassandra } from './session/cassandra-session.js';
export type { BoundStatement, ExecuteOptions, QueryResult, ResultRow } from './session/cassandra-session.js';
export { connectWhenReady, type Waiting } from './session/connect-when-ready.js';
export { SessionNotConnectedError } from './session/session-errors.js';
export { classify, type ClassifiedFailure } from './failures/classify.js';
export type { FailureClass } from './failures/failure-table.js';
export { UnbindableValueError, type BoundValue } from './values/encode.js';
export type { RecordValue } from './values/decode.js';
export { identifier, InvalidNameError, qualified } from './cql/identifiers.js';
export { InvalidDefinitionError } from './cql/invalid-definition.js';
export { migrate, type MigrateOptions } from './migrations/migrate.js';
export { readColumns, readUserTypes } from './migrations/table-evolution.js';
export type { Replication } from './migrations/keyspace.js';
export * from './migrations/migration-errors.js';
export { RecordTable, type StoredLineage, type FoundRecord } from './records/record-table.js';
export type { RowWriteTimes } from './records/row-write-times.js';
export { cellsOf, primaryKeyOf } from './cql/record-table-shape.js';
export type { Lineage } from './records/record-binder.js';
export { estimateSize, type Statement } from './records/statement.js';
export { StatementRunner } from './records/statement-runner.js';
export { ReplicaSets } from './records/replica-sets.js';
export type { JobChange, JobProgress, JobSegment, JobWithSegments, NewJob, StoredJob } from './jobs/job.js';
export { JobRepository } from './jobs/job-repository.js';
export { JobList, type JobPage, type JobQuery } from './jobs/job-list.js';
export { formatJobCursor, type JobCursor, parseJobCursor } from './jobs/job-cursor.js';
export { LEASE_TTL_S, LeaseRepository } from './jobs/lease-repository.js';
export { STOP_REQUEST_TTL_S, StopRepository } from './jobs/stop-repository.js';
export { LatencyRepository } from './jobs/latency-repository.js';
export { scanByTokenRange, type ScanOptions, type ScanStatements } from './records/token-scan.js';
export * from './questions/answerable.js';
export * from './questions/question.js';
export { RecordQuestions, type AnswerPage } from './questions/record-questions.js';
export * from './jobs/idempotency-key-repository.js';
export { BadCursorError } from './dead-letters/bad-cursor-error.js';
export * from './dead-letters/dead-letter.js';
export * from './dead-letters/dead-letter-repository.js';
export { OverruleRepository, type Overrule } from './overrules/overrule-repository.js';
export {
  RedriveRepository,
  type LastRedrive,
  type NewRedriveLetter,
  type RedriveLetter,
} from './redrives/redrive-repository.js';
export { RecountRepository, type Recount } from './rollups/recount-repository.js';
export { RollupRepository, type StoredBucket } from './rollups/rollup-repository.js';
export { scanForStats, statsColumnsOf, type StatsRow } from './rollups/stats-scan.js';
export * from './rejects/reject.js';
export { RejectRepository } from './rejects/reject-repository.js';
export * from './workers/partition-order-repository.js';
export { WORKER_TTL_S, WorkerRepository, type Worker } from './workers/worker-repository.js';
export { recordedCql } from './cql/recorded-cql.js';
