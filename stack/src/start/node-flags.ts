/**
 * How each application is run, here, in tests, in the bench and in its image. Rows are short-lived; on a machine with
 * much memory Node lets its young generation grow to 128 MiB per half. The API's peak matters more than its CPU time, the
 * sink's CPU time more than its peak. The API collects its old generation before that has doubled, which it would seldom do
 * otherwise (ADR 7). Node takes these flags on its command line only.
 */
export const NODE_FLAGS = {
  'ingest-api': ['--max-semi-space-size=8', '--heap-growing-percent=40'],
  'sink-worker': ['--max-semi-space-size=16'],
} as const satisfies Record<string, readonly string[]>;

/**
 * glibc gives freed memory back from this many bytes at the end of its heap on, and keeps its own threshold for large
 * blocks; otherwise that one grows with the largest buffer seen and what is freed stays. Costs 14 MiB of peak over a
 * 1 GiB upload not to have it.
 */
export const PROCESS_ENV = { MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** Of whatever is started beside the two applications: none. */
export const nodeFlagsOf = (name: string): readonly string[] =>
  Object.hasOwn(NODE_FLAGS, name) ? NODE_FLAGS[name as keyof typeof NODE_FLAGS] : [];
