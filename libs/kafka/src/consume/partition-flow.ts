import { backoffMs, type BackoffOptions } from '@orderstream/resilience';
import type { KafkaRecord, StoppedPartition, TopicPartition } from './record-batch.js';

/** What the flow needs of a consumer. */
export interface FlowControl {
  pause(at: TopicPartition): void;
  resume(at: TopicPartition): void;
}

export interface FlowOptions {
  readonly backoff: BackoffOptions;
  /** failures of unknown kind at one position until the partition stops */
  readonly unknownTries: number;
  /** starts a timer, returns what cancels it */
  readonly schedule?: (work: () => void, ms: number) => () => void;
  readonly random?: () => number;
}

export interface FlowEvents {
  onWait?(event: TopicPartition & { delayMs: number; attempt: number; reason: string; error?: unknown }): void;
  onResume?(event: TopicPartition): void;
  onStop?(event: StoppedPartition): void;
  /** a stopped partition was told to go on */
  onRestart?(event: StoppedPartition): void;
}

interface PartitionState extends TopicPartition {
  waits: number;
  failures: number;
  cancelTimer: (() => void) | undefined;
  stopped: StoppedPartition | undefined;
}

/**
 * Which partitions are held back, and until when. Per partition: flowing → (transient failure) paused with a timer →
 * flowing; after `unknownTries` unknown failures at one position: stopped, without a timer. The waiting is done by
 * timers outside the fetch loop, so the other partitions go on and the group keeps its heartbeat.
 */
export class PartitionFlow {
  private readonly stateByPartition = new Map<string, PartitionState>();
  /** offset of the record that is to be passed over, by partition */
  private readonly skippedByPartition = new Map<string, string>();

  constructor(
    private readonly control: FlowControl,
    private readonly options: FlowOptions,
    private readonly events: FlowEvents = {},
  ) {}

  /** A record was finished at this partition: the next failure is the first one again. */
  progressed(at: TopicPartition): void {
    this.skippedByPartition.delete(nameOf(at));
    const state = this.stateByPartition.get(nameOf(at));
    if (!state) return;
    state.waits = 0;
    state.failures = 0;
  }

  /** A store is slow or absent: hold the partition back for a while, as often as it takes. */
  wait(at: TopicPartition, reason: string): void {
    const state = this.stateOf(at);
    state.waits++;
    this.holdBack(state, state.waits, reason);
  }

  /** Nobody knows this error: hold the partition back, and stop it after the last try. */
  fail(at: TopicPartition, offset: string, error: unknown, record?: KafkaRecord): void {
    const state = this.stateOf(at);
    state.failures++;
    if (state.failures < this.options.unknownTries) return this.holdBack(state, state.failures, 'unknown error', error);
    state.cancelTimer?.();
    state.cancelTimer = undefined;
    state.stopped = { topic: at.topic, partition: at.partition, offset, error, ...(record && { record }) };
    this.control.pause(at);
    this.events.onStop?.(state.stopped);
  }

  isHeldBack(at: TopicPartition): boolean {
    const state = this.stateByPartition.get(nameOf(at));
    return state !== undefined && (state.stopped !== undefined || state.cancelTimer !== undefined);
  }

  stopped(): StoppedPartition[] {
    return [...this.stateByPartition.values()].flatMap((state) => state.stopped ?? []);
  }

  /** Lets a stopped partition go on with a fresh count of tries; undefined when it is not stopped. */
  restart(at: TopicPartition): StoppedPartition | undefined {
    const state = this.stateByPartition.get(nameOf(at));
    const was = state?.stopped;
    if (!state || !was) return undefined;
    this.stateByPartition.delete(nameOf(at));
    this.control.resume({ topic: at.topic, partition: at.partition });
    this.events.onRestart?.(was);
    return was;
  }

  /**
   * Lets a partition go on behind the record at which it stopped: that one counts as finished when it comes again. So an
   * assignment that ends meanwhile takes the order with it, and moves no offset. Undefined when it is not stopped there.
   */
  skip(at: TopicPartition, offset: string): StoppedPartition | undefined {
    if (this.stateByPartition.get(nameOf(at))?.stopped?.offset !== offset) return undefined;
    this.skippedByPartition.set(nameOf(at), offset);
    return this.restart(at);
  }

  /** Is the record at this offset passed over? */
  isSkipped(at: TopicPartition, offset: string): boolean {
    return this.skippedByPartition.get(nameOf(at)) === offset;
  }

  /** Forgets everything: another assignment begins, or the consumer is gone. Resumes nothing. */
  clear(): void {
    for (const state of this.stateByPartition.values()) state.cancelTimer?.();
    this.stateByPartition.clear();
    this.skippedByPartition.clear();
  }

  private holdBack(state: PartitionState, attempt: number, reason: string, error?: unknown): void {
    const { topic, partition } = state;
    const delayMs = backoffMs(attempt - 1, this.options.backoff, this.options.random);
    state.cancelTimer?.();
    this.control.pause({ topic, partition });
    state.cancelTimer = (this.options.schedule ?? scheduleTimeout)(() => {
      state.cancelTimer = undefined;
      this.release(state);
    }, delayMs);
    this.events.onWait?.({ topic, partition, delayMs, attempt, reason, ...(error === undefined ? {} : { error }) });
  }

  private release({ topic, partition }: PartitionState): void {
    this.control.resume({ topic, partition });
    this.events.onResume?.({ topic, partition });
  }

  private stateOf({ topic, partition }: TopicPartition): PartitionState {
    const name = nameOf({ topic, partition });
    let state = this.stateByPartition.get(name);
    if (!state) {
      state = { topic, partition, waits: 0, failures: 0, cancelTimer: undefined, stopped: undefined };
      this.stateByPartition.set(name, state);
    }
    return state;
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

function scheduleTimeout(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
