/**
 * What is told of an error that keeps an application from starting. One of ours that trying again cannot mend says what to
 * do about it, and a stack would only hide that; of any other the stack is all there is.
 */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, retriable } = error as { code?: unknown; retriable?: unknown };
  return typeof code === 'string' && retriable === false ? error.message : (error.stack ?? error.message);
}
