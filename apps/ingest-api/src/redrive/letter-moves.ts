import type { DeadLetterRepository, DeadLetterState, RedriveLetter } from '@orderstream/cassandra';
import { isSameRecord } from '../reject/same-record.js';
import { placeOfLetter } from './letter-place.js';

const AT_ONCE = 16;

/** Moves letters by the states of a redrive. Those that are in another state stay. Rejects as Cassandra did. */
export class LetterMoves {
  constructor(readonly letters: Pick<DeadLetterRepository, 'find' | 'move'>) {}

  /** Sent: redriven → closed. */
  async close(letters: readonly RedriveLetter[]): Promise<void> {
    await this.moved(letters, 'redriven', 'closed');
  }

  /** Nobody can do anything about them now: redriven → open. */
  async open(letters: readonly RedriveLetter[]): Promise<void> {
    await this.moved(letters, 'redriven', 'open');
  }

  /** Open → redriven, where they are not yet; answers those that are redriven now. */
  async retake(letters: readonly RedriveLetter[]): Promise<RedriveLetter[]> {
    await this.moved(letters, 'open', 'redriven');
    const taken = await inGroups(letters, async ({ id }) => (await this.letters.find(id))?.state === 'redriven');
    return letters.filter((_, i) => taken[i]);
  }

  /**
   * Copies of letters that were sent: a record that stands twice in its topic has two letters, of which one counts.
   * `sentByRow`: ids of those that were sent.
   */
  async closeCopies(letters: readonly RedriveLetter[], sentByRow: ReadonlyMap<number, string>): Promise<void> {
    const isCopy = await inGroups(letters, async ({ id }) => {
      const letter = await this.letters.find(id);
      const sentId = letter?.jobRow === undefined ? undefined : sentByRow.get(letter.jobRow);
      const sent = sentId === undefined ? undefined : await this.letters.find(sentId);
      return letter !== undefined && sent !== undefined && isSameRecord(letter, sent);
    });
    await this.close(await this.retake(letters.filter((_, i) => isCopy[i])));
  }

  private async moved(letters: readonly RedriveLetter[], from: DeadLetterState, to: DeadLetterState): Promise<void> {
    await inGroups(letters, ({ id }) => this.letters.move({ id, topic: placeOfLetter(id).topic }, from, to));
  }
}

async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return results;
}
