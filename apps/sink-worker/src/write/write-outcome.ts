import type { RowFault } from '@orderstream/contracts';

/** What became of one record at the store. */
export type WriteOutcome =
  | { readonly kind: 'stored' }
  /** Cassandra calls this row invalid: it will never be stored */
  | { readonly kind: 'refused'; readonly fault: RowFault }
  /** not acknowledged, and nothing is wrong with the row: try again later */
  | { readonly kind: 'waiting'; readonly reason: string }
  /** an error nobody has a class for */
  | { readonly kind: 'unknown'; readonly error: unknown };

export const STORED: WriteOutcome = Object.freeze({ kind: 'stored' });
