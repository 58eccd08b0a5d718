import { randomUUID } from 'node:crypto';
import type {
  IdempotencyClaim,
  IdempotencyKeyRepository,
  JobRepository,
  LeaseRepository,
  StoredIdempotencyKey,
} from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { isJobRunning, jobRunning } from '../track/job-running.js';
import { findFileKeys } from '../track/file-keys.js';
import type { OpenedBody } from './open-body.js';
import type { Upload, UploadRules } from './upload.js';

export interface UploadKey {
  readonly key: string;
  /** all that decides how the body is read, as text that is equal for equal options */
  readonly options: string;
  readonly rules: UploadRules;
}

export interface KeyedAnswer {
  readonly id: string;
  /** the key stood for this job already */
  readonly replayed: boolean;
}

/** What a key stands for when an upload comes with it. */
type Standing =
  | { readonly kind: 'new'; readonly jobId: string }
  | { readonly kind: 'interrupted'; readonly jobId: string }
  | { readonly kind: 'received'; readonly jobId: string; readonly sha256: string };

interface Stores {
  readonly keys: IdempotencyKeyRepository;
  readonly jobs: JobRepository;
  readonly leases: LeaseRepository;
}

/**
 * Uploads under an idempotency key: the first one makes the job, the same again gets that job, and one that was
 * interrupted goes on where it stood. The key is kept for 24 h after its last use.
 */
export class KeyedUpload {
  constructor(
    private readonly stores: Stores,
    private readonly upload: Upload,
  ) {}

  /** Throws `job_running` (409) when the key's upload is still being received. To be asked before the body is read. */
  async refuseRunning(key: string): Promise<void> {
    const stored = await orStoreUnavailable(() => this.stores.keys.find(key));
    if (stored) await this.requireFree(stored.jobId);
  }

  /** The same for the keys of all files of a multipart upload. */
  async refuseRunningFiles(key: string): Promise<void> {
    const stored = await orStoreUnavailable(() => findFileKeys(this.stores.keys, key));
    const unfinished = stored.filter(({ sha256 }) => sha256 === undefined);
    await Promise.all(unfinished.map(({ jobId }) => this.requireFree(jobId)));
  }

  /** Throws `idempotency_key_reused` for other options or bytes, `job_running`, and what `Upload` throws. */
  async receive(body: OpenedBody, sourceName: string, uploadKey: UploadKey): Promise<KeyedAnswer> {
    const standing = await this.claim(body, uploadKey).catch(async (error: unknown) => {
      await body.close();
      throw error;
    });
    const { jobId } = standing;
    if (standing.kind === 'received') {
      await requireSame(body, standing.sha256);
      return { id: jobId, replayed: true };
    }
    try {
      if (standing.kind === 'interrupted') await this.upload.resume(body, jobId, uploadKey.rules);
      else await this.upload.receive(body, sourceName, uploadKey.rules, { id: jobId, idempotencyKey: uploadKey.key });
    } catch (error) {
      // Of another request that has been quicker the job may not be written down yet: the key is its.
      if (!isJobRunning(error)) await this.releaseUnlessResumable(uploadKey.key, jobId);
      throw error;
    }
    const claim = { jobId, stream: body.stream.name, options: uploadKey.options };
    // Without it the job itself says what its bytes were.
    await this.stores.keys.complete(uploadKey.key, claim, body.digest.soFar().sha256).catch(() => false);
    return { id: jobId, replayed: standing.kind === 'interrupted' };
  }

  private claim(body: OpenedBody, { key, options }: UploadKey): Promise<Standing> {
    const claim = { jobId: randomUUID(), stream: body.stream.name, options };
    return orStoreUnavailable(async () => {
      for (;;) {
        const earlier = await this.stores.keys.claim(key, claim);
        if (!earlier) return { kind: 'new', jobId: claim.jobId };
        const standing = await this.standingOf(key, earlier, claim);
        if (standing) return standing;
        await this.stores.keys.release(key, earlier.jobId);
      }
    });
  }

  /** Undefined when the key's job has come to a bad end: nothing goes on with it, and the key is to be free. */
  private async standingOf(
    key: string,
    earlier: StoredIdempotencyKey,
    claim: IdempotencyClaim,
  ): Promise<Standing | undefined> {
    const { jobId, sha256 } = earlier;
    const isSame = earlier.options === claim.options && earlier.stream === claim.stream;
    if (sha256 !== undefined) {
      if (!isSame) throw otherOptions(key, jobId);
      return { kind: 'received', jobId, sha256 };
    }
    const lease = await this.stores.leases.ownerOf(jobId);
    const job = await this.stores.jobs.find(jobId);
    if (lease === undefined && (job?.state === 'failed' || job?.state === 'cancelled')) return undefined;
    if (!isSame) throw otherOptions(key, jobId);
    if (lease !== undefined) throw running(jobId);
    // Its process died between taking the key and making the job, so there is nothing to go on with.
    if (!job) return { kind: 'new', jobId };
    const isWhole = job.state === 'published' || job.state === 'stored';
    if (isWhole && job.sourceSha256 !== null) return { kind: 'received', jobId, sha256: job.sourceSha256 };
    return { kind: 'interrupted', jobId };
  }

  private async requireFree(jobId: string): Promise<void> {
    if ((await orStoreUnavailable(() => this.stores.leases.ownerOf(jobId))) === undefined) return;
    throw running(jobId);
  }

  /** A key whose job was refused or never made is free again; one whose job was interrupted waits for the rest. */
  private async releaseUnlessResumable(key: string, jobId: string): Promise<void> {
    try {
      const job = await this.stores.jobs.find(jobId);
      const resumable = job?.state === 'receiving' || job?.state === 'interrupted';
      if (!resumable) await this.stores.keys.release(key, jobId);
    } catch {
      // It runs out by itself.
    }
  }
}

async function requireSame(body: OpenedBody, sha256: string): Promise<void> {
  body.digest.expect(undefined);
  for await (const _ of body.batches) continue;
  if (body.digest.soFar().sha256 === sha256) return;
  throw new ProblemError(
    'idempotency_key_reused',
    'another body was received under this Idempotency-Key. Send this one under another key.',
  );
}

const running = (jobId: string): ProblemError =>
  jobRunning(`the upload under this key is being received as job ${jobId}`);

const otherOptions = (key: string, jobId: string): ProblemError =>
  new ProblemError(
    'idempotency_key_reused',
    `${key} stands for job ${jobId}, which has another stream or other options. Send the same ones, or take another key.`,
  );
