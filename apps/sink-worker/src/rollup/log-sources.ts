import type { RecordBatch } from '@orderstream/kafka';
import { liveSource, type CompiledStream } from '@orderstream/streams';

/** A topic that was made anew behind a running consumer is noticed after this time at the latest, ms. */
const ASK_AGAIN_MS = 30_000;

/** Undefined: there is no such topic, or the brokers have no ids. */
export type AskTopicId = (topic: string) => Promise<string | undefined>;

interface KnownTopic {
  readonly source: string;
  readonly askedAtMs: number;
}

/** The name of the log is not known: the batch comes again. */
export class UnknownSourceError extends Error {
  constructor(topic: string, why: string, cause?: unknown) {
    super(`the id of topic ${topic} ${why}`, { cause });
  }
}

/**
 * Which log the batches of one assignment come from: the id of their topic. It is asked for at the first batch, when
 * offsets go back, and now and then, for a topic may be deleted and made anew while its consumer goes on.
 */
export class LogSources {
  private readonly knownByTopic = new Map<string, KnownTopic>();
  private readonly nextByPartition = new Map<string, number>();

  constructor(
    private readonly ask: AskTopicId,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * Rejects with UnknownSourceError when Kafka does not answer, or when the topic has become another one: nobody can
   * tell which of the two these records are of, so they are to be fetched again.
   */
  async sourceOf({ topic, partition, records }: RecordBatch, stream: CompiledStream): Promise<string> {
    const place = `${topic}/${partition}`;
    const goesBack = Number(records[0]!.offset) < (this.nextByPartition.get(place) ?? 0);
    this.nextByPartition.set(place, Number(records.at(-1)!.offset) + 1);
    const known = this.knownByTopic.get(topic);
    if (known && !goesBack && this.nowMs() - known.askedAtMs < ASK_AGAIN_MS) return known.source;
    const source = await this.askFor(topic, stream, goesBack ? undefined : known);
    this.knownByTopic.set(topic, { source, askedAtMs: this.nowMs() });
    if (known && known.source !== source) throw new UnknownSourceError(topic, 'has changed: it was made anew');
    return source;
  }

  /** A topic that is asked about now and then only is the same while Kafka does not answer. */
  private async askFor(topic: string, stream: CompiledStream, known: KnownTopic | undefined): Promise<string> {
    try {
      return liveSource(await this.ask(topic), stream.definition);
    } catch (error) {
      if (known) return known.source;
      throw new UnknownSourceError(topic, 'could not be asked for', error);
    }
  }
}
