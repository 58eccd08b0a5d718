import { backoffMs, retryUntil, wait, type BackoffOptions } from '@orderstream/resilience';
import { failureOf } from '../kafka-errors.js';

/** Partitions by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** What a GroupMember needs of a consumer. It is used for one life in the group; after a crash a fresh one is made. */
export interface ConsumerPort {
  connect(): Promise<void>;
  /** Subscribes and starts fetching; rejects when a topic is not there. */
  run(): Promise<void>;
  /** Waits for running batches, commits, leaves the group and disconnects. */
  disconnect(): Promise<void>;
  onJoin(listener: (assignment: Assignment) => void): void;
  onRebalance(listener: () => void): void;
  onCrash(listener: (error: Error) => void): void;
}

export interface MemberEvents {
  /** the member has (another) assignment; batches of it follow */
  onJoin?(assignment: Assignment): void;
  /** Kafka or a topic is not there (yet), or the group was lost; the next attempt follows */
  onWaiting?(error: unknown): void;
  /** the consumer ended for good: let the process exit with an error, so that its supervisor starts it again */
  onFatal?(error: unknown): void;
}

/** `idle` → `starting` ⇄ `joined` → `closed`, or `crashed` when no restart can help. */
export type MemberState = 'idle' | 'starting' | 'joined' | 'crashed' | 'closed';

/** A member that was lost waits as long as before a third attempt, so that a crash right after each join cannot spin. */
const RESTART_ATTEMPT = 2;

/**
 * Keeps one consumer in its group. kafkajs's own restart is switched off: it gives up for good on some errors of a
 * broker that is only away for a while, and it can rejoin after a disconnect. Here every transient failure makes a
 * fresh consumer after a back-off; every other one is fatal.
 */
export class GroupMember {
  private current: ConsumerPort | undefined;
  private currentState: MemberState = 'idle';
  private currentAssignment: Assignment = {};
  private readonly closing = new AbortController();
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly createConsumer: () => ConsumerPort,
    private readonly backoff: BackoffOptions,
    private readonly events: MemberEvents = {},
  ) {}

  get state(): MemberState {
    return this.currentState;
  }

  assignment(): Assignment {
    return this.currentAssignment;
  }

  /** Resolves when joined, or closed first; rejects only with an error that waiting cannot mend. */
  start(): Promise<void> {
    this.starting = this.joinWithRetries(0);
    return this.starting;
  }

  /** Leaves the group; after `deadlineMs` it no longer waits for Kafka to answer. Never rejects. */
  async close(deadlineMs: number): Promise<void> {
    this.currentState = 'closed';
    this.currentAssignment = {};
    this.closing.abort(closedError());
    const left = this.starting.catch(() => undefined).then(() => this.release(this.current));
    const stop = new AbortController();
    await Promise.race([left, wait(deadlineMs, stop.signal).catch(() => undefined)]);
    stop.abort();
  }

  private async joinWithRetries(delayMs: number): Promise<void> {
    this.currentState = 'starting';
    try {
      await wait(delayMs, this.closing.signal);
      await retryUntil(() => this.join(), {
        ...this.backoff,
        signal: this.closing.signal,
        shouldRetry: (error) => failureOf(error).retriable,
        onRetry: (error) => this.events.onWaiting?.(error),
      });
    } catch (error) {
      if (this.closing.signal.aborted) return;
      this.currentState = 'crashed';
      throw error;
    }
  }

  private async join(): Promise<void> {
    const consumer = this.createConsumer();
    this.current = consumer;
    const ended = new AbortController();
    const joined = this.listenTo(consumer, ended.signal);
    try {
      await consumer.connect();
      await consumer.run();
      await joined;
    } catch (error) {
      await this.release(consumer);
      throw error;
    } finally {
      ended.abort();
    }
  }

  /** Resolves at the first join; rejects at a crash or a close before it. A later crash leads to `lost`. */
  private listenTo(consumer: ConsumerPort, ended: AbortSignal): Promise<void> {
    let hasJoined = false;
    const first = new Promise<void>((resolve, reject) => {
      consumer.onJoin((assignment) => {
        hasJoined = true;
        resolve();
        this.joined(consumer, assignment);
      });
      consumer.onCrash((error) => (hasJoined ? this.lost(consumer, error) : reject(error)));
      // `ended` takes the listener off again: an outage makes many attempts, and the signal outlives them all.
      this.closing.signal.addEventListener('abort', () => reject(closedError()), { once: true, signal: ended });
    });
    first.catch(() => undefined); // it is awaited only when `run` has returned
    consumer.onRebalance(() => {
      if (this.current === consumer && this.currentState === 'joined') this.currentState = 'starting';
    });
    return first;
  }

  private joined(consumer: ConsumerPort, assignment: Assignment): void {
    // A join that was under way while we closed would leave a member behind that nobody answers for.
    if (this.closing.signal.aborted) return void this.release(consumer);
    if (this.current !== consumer) return;
    this.currentState = 'joined';
    this.currentAssignment = assignment;
    this.events.onJoin?.(assignment);
  }

  private lost(consumer: ConsumerPort, error: Error): void {
    if (this.current !== consumer || this.closing.signal.aborted) return;
    this.currentAssignment = {};
    if (!failureOf(error).retriable) {
      this.currentState = 'crashed';
      return this.events.onFatal?.(error);
    }
    this.events.onWaiting?.(error);
    this.starting = this.joinWithRetries(backoffMs(RESTART_ATTEMPT, this.backoff));
    this.starting.catch((fatal: unknown) => this.events.onFatal?.(fatal));
  }

  private async release(consumer: ConsumerPort | undefined): Promise<void> {
    try {
      await consumer?.disconnect();
    } catch (error) {
      // Its connections are gone either way; the group notices by the session time-out.
      this.events.onWaiting?.(error);
    }
  }
}

const closedError = (): Error => new Error('The consumer is closed');
