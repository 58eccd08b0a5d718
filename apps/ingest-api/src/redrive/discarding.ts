import type { DeadLetterRepository, StoredDeadLetterSummary } from '@orderstream/cassandra';
import type { Log, Metrics } from '@orderstream/observability';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { lettersIn, nameOf, type Selection } from './letter-selection.js';
import type { Redrives } from './redrives.js';

const AT_ONCE = 16;

/** How many letters were given up now. */
export interface DiscardReport {
  readonly discarded: number;
}

/** Gives letters up: they leave the open list, and their rows stay rejected. */
export class Discarding {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly redrives: Pick<Redrives, 'whileNone'>,
    private readonly observed: { readonly metrics: Metrics; readonly log: Log },
  ) {}

  /**
   * All letters of the selection that are open or parked, and those that a redrive has left which is over. Throws
   * `store_unavailable`; what was discarded by then is.
   */
  async run(selection: Selection, reason: string): Promise<DiscardReport> {
    let discarded = 0;
    const left: StoredDeadLetterSummary[] = [];
    await orStoreUnavailable(async () => {
      for await (const page of lettersIn(selection, this.letters)) {
        const wanted = page.filter(({ state }) => state === 'open' || state === 'parked');
        left.push(...page.filter(({ state }) => state === 'redriven'));
        discarded += await this.discardAll(wanted, reason);
      }
      const discardLeft = async () => void (discarded += await this.discardAll(left, reason));
      if (left.length > 0) await this.redrives.whileNone(discardLeft);
    });
    this.observed.log.info({ discarded, reason }, `discard of ${nameOf(selection)}`);
    return { discarded };
  }

  private async discardAll(letters: readonly StoredDeadLetterSummary[], reason: string): Promise<number> {
    let discarded = 0;
    for (let at = 0; at < letters.length; at += AT_ONCE) {
      const moved = await Promise.all(letters.slice(at, at + AT_ONCE).map((letter) => this.discard(letter, reason)));
      discarded += moved.filter(Boolean).length;
    }
    return discarded;
  }

  private async discard(letter: StoredDeadLetterSummary, reason: string): Promise<boolean> {
    const isMoved = await this.letters.discard(letter, letter.state, reason);
    if (isMoved) this.observed.metrics.counters.deadLettersMoved.inc({ topic: letter.topic, state: 'discarded' });
    return isMoved;
  }
}
