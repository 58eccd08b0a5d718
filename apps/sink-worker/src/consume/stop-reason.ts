import type { StoppedPartition } from '@orderstream/kafka';

/** Why a partition stopped, as health, the list of workers and the letter of a skipped record tell it. */
export const stopReasonOf = ({ error }: Pick<StoppedPartition, 'error'>): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
