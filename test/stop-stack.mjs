/** Ends what `start-stack.mjs` started, unless the next run wants it. */
export default async function stopTestStack() {
  const started = globalThis.orderstreamTestStack;
  if (!started || started.keep) return;
  await started.stack.stop();
  started.lock.release();
}
