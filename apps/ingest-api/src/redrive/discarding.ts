import type { DeadLetterRepository, StoredDeadLetterSummary } from '@orderstream/cassandra';
import type { Log, Metrics } from '@orderstream/observability';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { lettersIn, nameOf, type Selection } from './letter-selection.js';

const AT_ONCE = 16;

/** How many letters were given up now. */
export interface DiscardReport {
  readonly discarded: number;
}

/** Gives letters up: they leave the open list, and their rows stay rejected. */
export class Discarding {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly observed: { readonly metrics: Metrics; readonly log: Log },
  ) {}

  /** All letters of the selection that are open or parked. Throws `store_unavailable`; what was discarded by then is. */
  async run(selection: Selection, reason: string): Promise<DiscardReport> {
    let discarded = 0;
    await orStoreUnavailable(async () => {
      for await (const page of lettersIn(selection, this.letters)) {
        const wanted = page.filter(({ state }) => state === 'open' || state === 'parked');
        for (let at = 0; at < wanted.length; at += AT_ONCE) {
          const moved = await Promise.all(wanted.slice(at, at + AT_ONCE).map((letter) => this.discard(letter, reason)));
          discarded += moved.filter(Boolean).length;
        }
      }
    });
    this.observed.log.info({ discarded, reason }, `discard of ${nameOf(selection)}`);
    return { discarded };
  }

  private async discard(letter: StoredDeadLetterSummary, reason: string): Promise<boolean> {
    const isMoved = await this.letters.discard(letter, letter.state, reason);
    if (isMoved) this.observed.metrics.counters.deadLettersMoved.inc({ topic: letter.topic, state: 'discarded' });
    return isMoved;
  }
}
