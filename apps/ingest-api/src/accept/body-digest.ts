import { createHash } from 'node:crypto';

export interface Digest {
  /** of the decoded body: gzip undone, text as it was sent */
  readonly bytes: number;
  /** lower case hex */
  readonly sha256: string;
}

/** Counts and hashes what passes. */
export class BodyDigest {
  private readonly hash = createHash('sha256');
  private count = 0;

  get bytes(): number {
    return this.count;
  }

  add(chunk: Buffer): void {
    this.hash.update(chunk);
    this.count += chunk.length;
  }

  /** Of the bytes so far; of the body once it was read to its end. Can be asked at any time. */
  soFar(): Digest {
    return { bytes: this.count, sha256: this.hash.copy().digest('hex') };
  }
}
