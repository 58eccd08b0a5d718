import { ProblemError } from '@orderstream/contracts';

/** `job_running` (409): what stands for the job is refused while another request, here or elsewhere, receives it. */
export const jobRunning = (detail: string): ProblemError =>
  new ProblemError('job_running', detail, { retryAfterSeconds: 2 });

export const isJobRunning = (error: unknown): boolean => error instanceof ProblemError && error.code === 'job_running';
