import type { BackoffOptions } from '@orderstream/resilience';
import type { KafkaOptions } from '../kafka-client.js';
import type { BatchEvents } from './batch-runner.js';
import type { MemberEvents } from './group-member.js';
import type { FlowEvents } from './partition-flow.js';
import type { StoppedPartition } from './record-batch.js';

/** For logs, metrics and the process's fate. None of these may throw. */
export interface BatchServerEvents extends MemberEvents, FlowEvents, BatchEvents {}

export interface BatchServerOptions {
  readonly kafka: KafkaOptions;
  readonly groupId: string;
  /** ms without a heartbeat until the group gives our partitions away. Default 10,000 */
  readonly sessionTimeoutMs?: number;
  /** ms between heartbeats. Default 1,500 */
  readonly heartbeatIntervalMs?: number;
  /** ms that a rebalance waits for members that are in a batch. Default 30,000 */
  readonly rebalanceTimeoutMs?: number;
  /** ms that a fetch waits for records; bounds how late a resumed partition is read. Default 500 */
  readonly maxWaitTimeMs?: number;
  /** bytes of one batch, about. Default 262,144 */
  readonly maxBytesPerPartition?: number;
  /** bytes of one fetch from one broker. Default 2,097,152 */
  readonly maxBytes?: number;
  /** before a held-back partition comes again, and between attempts to join; ms. Default 200 … 5,000 */
  readonly backoff?: BackoffOptions;
  /** failures of unknown kind at one position until the partition stops. Default 5 */
  readonly unknownTries?: number;
  /** ms that `close` lets running batches finish; then they are abandoned. Default 6,000 */
  readonly closeDeadlineMs?: number;
  readonly events?: BatchServerEvents;
}

export interface BatchServerHealth {
  /** this member has an assignment (it may be empty) and no rebalance is under way */
  readonly joined: boolean;
  readonly stopped: readonly StoppedPartition[];
  /** the consumer ended for good; only a new process helps */
  readonly crashed: boolean;
}
