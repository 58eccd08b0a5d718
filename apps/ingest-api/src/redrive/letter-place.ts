/** Where the record of a letter lies. */
export interface LetterPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** The parts of an id `<topic>-<partition>-<offset>`; a topic may have hyphens. */
export function placeOfLetter(id: string): LetterPlace {
  const [, topic, partition, offset] = /^(.+)-(\d+)-(\d+)$/.exec(id) ?? [];
  if (topic === undefined) throw new Error(`${id} is not the id of a dead letter: topic-partition-offset`);
  return { topic, partition: Number(partition), offset: BigInt(offset!) };
}
