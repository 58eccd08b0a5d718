import type { StoredDeadLetter } from '@orderstream/cassandra';
import { deadLetterId, ProblemError } from '@orderstream/contracts';
import type { ByPartition, PartitionEnds } from '@orderstream/kafka';
import { wait } from '@orderstream/resilience';
import { orBrokerUnavailable } from '../problems/broker-unavailable.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { Committed } from '../track/committed-offsets.js';
import { isRejection } from '../track/outcomes.js';

/** A record that the sink has still to pass. */
export interface PendingReceipt {
  readonly receipt: string;
  readonly state: 'pending';
  /** until the sink has passed it, from what lies before it and the rate its partition drains at */
  readonly estimatedSeconds: number;
}

export interface ReceiptSources {
  readonly offsets: { latest(): Promise<Committed> };
  readonly ends: { fetchEnds(topics: readonly string[]): Promise<ByPartition<PartitionEnds>> };
  readonly letters: { find(id: string): Promise<StoredDeadLetter | undefined> };
  /** records per second of one partition, above 0 */
  readonly flow: { drainRateOf(topic: string, partition: number): number };
  /** nobody is kept waiting by a process that ends */
  readonly reader: { readonly isEnding: boolean };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

const KAFKA_DEADLINE_MS = 5_000;
const POLL_MS = { first: 20, most: 250 } as const;

/** Says of a single record, by its receipt, whether the sink has passed it and what became of it. */
export class OrderReceipts {
  constructor(
    private readonly sources: ReceiptSources,
    /** topics whose records are orders */
    private readonly topics: ReadonlySet<string>,
  ) {}

  /**
   * Undefined once the record is stored; else what it waits for: after `waitMs`, when the process ends, or when `gone`
   * aborts, whichever comes first. Throws `bad_parameter` for what is no receipt of an order, `record_rejected`,
   * `store_unavailable` and `broker_unavailable`.
   */
  async pending(receipt: string, waitMs: number, gone?: AbortSignal): Promise<PendingReceipt | undefined> {
    const place = this.placeIn(receipt);
    const endsAt = Date.now() + waitMs;
    const leftMs = () => (gone?.aborted || this.sources.reader.isEnding ? 0 : endsAt - Date.now());
    const pending = await this.untilPassed(receipt, place, leftMs);
    if (pending) return pending;
    await this.throwIfRejected(receipt, place);
    return undefined;
  }

  private placeIn(receipt: string): Place {
    const [topic, partition, offset] = receipt.split(':');
    if (topic === undefined || !this.topics.has(topic)) {
      throw badReceipt(`the receipt ${receipt} is of no stream of orders; theirs begin with ${this.prefixes()}`);
    }
    return { topic, partition: Number(partition), offset: BigInt(offset ?? 0) };
  }

  private prefixes(): string {
    return [...this.topics].map((topic) => `${topic}:`).join(', ');
  }

  private async isPassed({ topic, partition, offset }: Place): Promise<boolean> {
    const committed = await orBrokerUnavailable(() => this.sources.offsets.latest(), KAFKA_DEADLINE_MS);
    return offset < (committed.get(topic)?.get(partition) ?? 0n);
  }

  /** Undefined once the sink has passed the record. A broker that is away for a while is waited for. */
  private async untilPassed(receipt: string, place: Place, leftMs: () => number): Promise<PendingReceipt | undefined> {
    let isKnown = false;
    for (let pollMs: number = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * 1.5)) {
      const left = leftMs();
      try {
        if (await this.isPassed(place)) return undefined;
        // Once before waiting: for a receipt of no record nobody waits.
        const pending = isKnown && left > 0 ? undefined : await this.estimate(receipt, place);
        if (pending && left <= 0) return pending;
        isKnown = true;
      } catch (error) {
        if (left <= 0 || !isBrokerAway(error)) throw error;
      }
      await wait(Math.min(pollMs, Math.max(1, left)));
    }
  }

  private async estimate(receipt: string, { topic, partition, offset }: Place): Promise<PendingReceipt> {
    const { offsets, ends, flow } = this.sources;
    const [committed, endByPartition] = await orBrokerUnavailable(
      async () => [await offsets.latest(), (await ends.fetchEnds([topic])).get(topic)],
      KAFKA_DEADLINE_MS,
    );
    const end = endByPartition?.get(partition);
    if (!end) throw badReceipt(`the receipt ${receipt} is of no record: ${topic} has no partition ${partition}`);
    if (offset >= end.high) {
      throw badReceipt(
        `partition ${partition} of ${topic} has no offset ${offset} yet (next is ${end.high}); use the receipt that the POST answered`,
      );
    }
    const next = committed.get(topic)?.get(partition) ?? end.low;
    const from = next > end.low ? next : end.low;
    const records = Math.max(1, Number(offset - from) + 1);
    const seconds = records / flow.drainRateOf(topic, partition);
    return { receipt, state: 'pending', estimatedSeconds: Math.max(0.1, Math.round(seconds * 10) / 10) };
  }

  private async throwIfRejected(receipt: string, { topic, partition, offset }: Place): Promise<void> {
    const id = deadLetterId(topic, partition, String(offset));
    const letter = await orStoreUnavailable(() => this.sources.letters.find(id));
    if (!letter || !isRejection(letter)) return;
    const { code, reason, stage, column } = letter;
    const detail = `the record ${receipt} is in the dead letters as ${id}: ${code}, ${reason}; see /dead-letters/${id}`;
    const item = { code, detail: reason, letter: id, stage, ...(column !== undefined && { column }) };
    throw new ProblemError('record_rejected', detail, { errors: [item] });
  }
}

const isBrokerAway = (error: unknown): boolean => error instanceof ProblemError && error.code === 'broker_unavailable';

const badReceipt = (detail: string): ProblemError =>
  new ProblemError('bad_parameter', detail, { errors: [{ parameter: 'receipt', detail }] });
