/** The data in chunks of `size` bytes. */
export async function* chunksOf(data: Buffer | string, size = 64 * 1024): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Everything until a failure, and the failure. */
export async function collectUntilFailure<T>(items: AsyncIterable<T>): Promise<{ collected: T[]; failure: unknown }> {
  const collected: T[] = [];
  try {
    for await (const item of items) collected.push(item);
  } catch (failure) {
    return { collected, failure };
  }
  return { collected, failure: undefined };
}
