import { watchBlocks } from '../drain.ts';
import type { Subject } from '../subject.ts';
import { turnBetween, type Turn } from '../turn.ts';
import { newGroupId, type SuiteContext } from './suite.ts';

/** Blocks are small and many, because what is measured is less than what a single one of them varies by. */
const PAIRS_PER_ROUND = 5;
const WARM_UP_BLOCKS = 4;

/** One sink drains one topic, in which blocks of two kinds alternate. */
export interface AlternatingBlocks {
  readonly topic: string;
  readonly rowsPerBlock: number;
  /** Puts one block on the topic: as many records on each partition as any other. */
  readonly publish: (isFirstKind: boolean) => Promise<void>;
  readonly start: (groupId: string, places: BlockPlaces) => Promise<Subject>;
}

/** Where the blocks lie, by partition. */
export interface BlockPlaces {
  readonly begins: Readonly<Record<number, number>>;
  readonly rowsPerBlock: Readonly<Record<number, number>>;
}

export interface AlternatingTurns {
  /** of the counted blocks */
  readonly first: readonly Turn[];
  readonly second: readonly Turn[];
  /** records in all blocks of the first kind, those of the warm-up too */
  readonly rowsOfFirst: number;
}

/** In the order first, second, second, first: neither kind always follows the other. */
export const isFirstKind = (block: number): boolean => block % 4 === 0 || block % 4 === 3;

/**
 * The turns of the blocks of either kind, each as warm as its neighbour: the same process, minutes old. A difference that
 * is smaller than what two processes differ by can be seen so, and in no other way.
 */
export async function drainAlternating(
  { servers, rounds, say }: SuiteContext,
  { topic, rowsPerBlock, publish, start }: AlternatingBlocks,
): Promise<AlternatingTurns> {
  await servers.createTopic(topic);
  await servers.emptyTopic(topic);
  const { begins: from } = await servers.offsets(topic);
  const blocks = WARM_UP_BLOCKS + 2 * PAIRS_PER_ROUND * rounds;
  for (let block = 0; block < blocks; block++) await publish(isFirstKind(block));
  say(`  ${blocks} blocks of ${rowsPerBlock} records are on ${topic}`);
  const { ends } = await servers.offsets(topic);
  const places = {
    begins: Object.fromEntries(from),
    rowsPerBlock: Object.fromEntries([...ends].map(([p, end]) => [p, (end - (from.get(p) ?? 0)) / blocks])),
  };
  const groupId = newGroupId();
  const sink = await start(groupId, places);
  try {
    const boundaries = Array.from({ length: blocks }, (_, block) => (block + 1) * rowsPerBlock);
    const marks = await watchBlocks(servers, sink, { groupId, topic, from }, boundaries);
    const [first, second]: [Turn[], Turn[]] = [[], []];
    for (let block = WARM_UP_BLOCKS; block < blocks; block++)
      (isFirstKind(block) ? first : second).push(turnBetween(marks[block - 1]!, marks[block]!));
    return { first, second, rowsOfFirst: rowsPerBlock * boundaries.filter((_, block) => isFirstKind(block)).length };
  } finally {
    await sink.stop();
  }
}
