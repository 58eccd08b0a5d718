import type { DeadLetterRepository, LetterPosition, RedriveLetter } from '@orderstream/cassandra';
import { LetterMoves } from './letter-moves.js';

/**
 * Letters that a redrive had taken which was cancelled before it came to them again, after a crash: open, unless their
 * copies were acknowledged. A copy of no job makes its letter closed; whether one of a job was counted is found out by the
 * next redrive, which takes what is still `redriven`. Under the lease of the redrives. Rejects as Cassandra did.
 */
export async function giveBack(
  list: readonly RedriveLetter[],
  letters: Pick<DeadLetterRepository, 'find' | 'move' | 'positionsOf'>,
): Promise<void> {
  const taken = new Set<LetterPosition['id']>();
  for await (const page of letters.positionsOf(list.map(({ id }) => id))) {
    for (const { id, state } of page) if (state === 'redriven') taken.add(id);
  }
  const moves = new LetterMoves(letters);
  const held = list.filter(({ id }) => taken.has(id));
  await moves.open(held.filter(({ sentOffset }) => sentOffset === undefined));
  await moves.close(held.filter(({ sentOffset, jobId }) => sentOffset !== undefined && jobId === undefined));
}
