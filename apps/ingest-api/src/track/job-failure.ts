import type { JobFailure, ProblemError } from '@orderstream/contracts';

/** What a job keeps of the problem that ended it. */
export function failureOf({ code, detail, extra }: ProblemError): JobFailure {
  const line = extra.errors?.find((item) => typeof item['line'] === 'number')?.['line'] as number | undefined;
  return { code, detail, ...(line !== undefined && { line }) };
}
