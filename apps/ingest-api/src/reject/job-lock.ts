import { randomUUID } from 'node:crypto';
import type { LeaseRepository } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';

/** The lease lives 5 s. */
const KEEP_MS = 1_500;

/** The work while nobody else repairs the job. Throws `job_not_settled` when somebody does. */
export async function withJobLease<T>(leases: LeaseRepository, jobId: string, work: () => Promise<T>): Promise<T> {
  const owner = randomUUID();
  const taken = await orStoreUnavailable(() => leases.take(jobId, owner));
  if (!taken) throw notSettled(`job ${jobId} is being worked on by another request; try again once that has ended`);
  const timer = setInterval(() => void leases.keep(jobId, owner).catch(() => undefined), KEEP_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await leases.release(jobId, owner).catch(() => undefined); // it runs out by itself
  }
}

export const notSettled = (what: string): ProblemError =>
  new ProblemError('job_not_settled', what, { retryAfterSeconds: 2 });
