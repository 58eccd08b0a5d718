/** Ends what `start-stack.mjs` started, unless the next run wants it. */
export default async function stopTestStack() {
  const { stack, lock, keep } = globalThis.orderstreamTestStack;
  if (keep) return;
  await stack.stop();
  lock.release();
}
