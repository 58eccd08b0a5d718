import { ProblemError } from '@orderstream/contracts';
import type { ByPartition, PartitionEnds, TopicFollower } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import { orBrokerUnavailable } from '../problems/broker-unavailable.js';
import type { OpenAnswers } from '../query/open-answers.js';
import { TailBuffer } from './tail-buffer.js';
import { tailEvents } from './tail-events.js';

const KAFKA_DEADLINE_MS = 5_000;
const RETRY_AFTER_S = 5;

export interface TailSources {
  readonly ends: { fetchEnds(topics: readonly string[]): Promise<ByPartition<PartitionEnds>> };
  readonly follower: Pick<TopicFollower, 'follow'>;
  readonly open: OpenAnswers;
  readonly schemas: Pick<SchemaCatalog, 'resolve'>;
}

export interface TailRequest {
  readonly topic: string;
  readonly partition: number | undefined;
  /** aborts when the client has gone */
  readonly gone: AbortSignal;
}

/** One topic that is followed for all who want its tail. */
interface FollowedTopic {
  readonly buffers: Set<TailBuffer>;
  readonly stop: AbortController;
}

/** The tails that are open: one reader per topic, however many clients. */
export class Tails {
  private readonly followedByTopic = new Map<string, FollowedTopic>();
  private readonly ending = new Set<Promise<void>>();
  private count = 0;

  constructor(
    private readonly sources: TailSources,
    private readonly maxTails: number,
  ) {}

  /**
   * Every record that comes to the topic after this has resolved. Throws `too_many_tails`, `bad_parameter` for a
   * partition that there is not, and `broker_unavailable`.
   */
  async open({ topic, partition, gone }: TailRequest): Promise<AsyncGenerator<string>> {
    if (this.count >= this.maxTails) throw this.tooMany();
    this.count++;
    const signal = this.sources.open.until(gone);
    const buffer = new TailBuffer(partition);
    try {
      const ends = await orBrokerUnavailable(() => this.sources.ends.fetchEnds([topic]), KAFKA_DEADLINE_MS);
      const endByPartition = ends.get(topic) ?? new Map<number, PartitionEnds>();
      if (partition !== undefined && !endByPartition.has(partition))
        throw noPartition(topic, endByPartition.size, partition);
      this.join(topic, buffer, endByPartition);
    } catch (error) {
      this.count--;
      throw error;
    }
    // Not in the generator: one that nobody has begun to read runs no `finally`.
    const leave = (): void => this.leave(topic, buffer);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    return tailEvents({ topic, schemas: this.sources.schemas }, buffer, signal);
  }

  /** Ends all of them; resolves when no group of theirs is left on the broker. */
  async end(): Promise<void> {
    this.sources.open.end();
    await Promise.all(this.ending);
  }

  private join(topic: string, buffer: TailBuffer, ends: ReadonlyMap<number, PartitionEnds>): void {
    const followed = this.followedByTopic.get(topic);
    // Whoever follows already is behind these ends, or at them, so nothing that comes from now on is missed.
    if (followed) {
      followed.buffers.add(buffer);
      return;
    }
    const buffers = new Set([buffer]);
    const stop = new AbortController();
    const starts = new Map([...ends].map(([partition, { high }]) => [partition, high]));
    const reading = this.sources.follower.follow(
      topic,
      starts,
      (partition, records) => {
        for (const each of buffers) each.offer(partition, records);
      },
      stop.signal,
    );
    this.followedByTopic.set(topic, { buffers, stop });
    this.ending.add(reading);
    void reading.finally(() => this.ending.delete(reading));
  }

  private leave(topic: string, buffer: TailBuffer): void {
    this.count--;
    const followed = this.followedByTopic.get(topic);
    followed?.buffers.delete(buffer);
    if (!followed || followed.buffers.size > 0) return;
    this.followedByTopic.delete(topic);
    followed.stop.abort(new Error('nobody follows the topic any more'));
  }

  private tooMany(): ProblemError {
    const detail = `${this.maxTails} tails are open already (MAX_TAILS); close one, or ask another replica`;
    return new ProblemError('too_many_tails', detail, { retryAfterSeconds: RETRY_AFTER_S });
  }
}

function noPartition(topic: string, count: number, partition: number): ProblemError {
  const detail = `${topic} has no partition ${partition}; they are 0 to ${count - 1}`;
  return new ProblemError('bad_parameter', detail, { errors: [{ parameter: 'partition', detail }] });
}
