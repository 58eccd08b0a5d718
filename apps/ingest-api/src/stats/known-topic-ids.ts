import type { TopicIds } from '@orderstream/kafka';
import { orBrokerUnavailable } from '../problems/broker-unavailable.js';

/** How long an answer is good, ms: a topic that was made anew shows after that time, with the next question. */
const FRESH_MS = 5_000;
const DEADLINE_MS = 5_000;

interface Known {
  readonly id: string | undefined;
  readonly askedAtMs: number;
}

/** Ids of topics as Kafka gave them a moment ago; statistics go on being answered while it is away. */
export class KnownTopicIds {
  private readonly knownByTopic = new Map<string, Known>();
  private readonly askingByTopic = new Map<string, Promise<string | undefined>>();

  constructor(private readonly ids: Pick<TopicIds, 'idOf'>) {}

  /** Throws `broker_unavailable` when Kafka has never answered about this topic. */
  async idOf(topic: string): Promise<string | undefined> {
    const known = this.knownByTopic.get(topic);
    if (known && performance.now() - known.askedAtMs < FRESH_MS) return known.id;
    const asking = this.ask(topic);
    if (!known) return orBrokerUnavailable(() => asking, DEADLINE_MS);
    asking.catch(() => undefined); // the next question asks again
    return known.id;
  }

  private ask(topic: string): Promise<string | undefined> {
    const under = this.askingByTopic.get(topic);
    if (under) return under;
    const asking = this.ids
      .idOf(topic)
      .then((id) => {
        this.knownByTopic.set(topic, { id, askedAtMs: performance.now() });
        return id;
      })
      .finally(() => this.askingByTopic.delete(topic));
    this.askingByTopic.set(topic, asking);
    return asking;
  }
}
