import { createHash } from 'node:crypto';

export interface Digest {
  /** of the decoded body: gzip undone, text as it was sent */
  readonly bytes: number;
  /** lower case hex */
  readonly sha256: string;
}

/** Whether a body begins with the bytes of an earlier one: `open` until as many have passed. */
export type PrefixState = 'open' | 'same' | 'different';

/** Counts and hashes what passes, and compares its beginning with that of an earlier body. */
export class BodyDigest {
  private readonly hash = createHash('sha256');
  private count = 0;
  /** what has passed before it was known whether there is a prefix to compare with */
  private head: Buffer[] | undefined = [];
  private prefix: PrefixCheck | undefined;

  get bytes(): number {
    return this.count;
  }

  add(chunk: Buffer): void {
    this.hash.update(chunk);
    this.count += chunk.length;
    this.head?.push(chunk);
    this.prefix?.add(chunk);
  }

  /** To be called once, before the body is read beyond its header: `prefix` is what it is to begin with, if anything. */
  expect(prefix: Digest | undefined): void {
    this.prefix = prefix && new PrefixCheck(prefix);
    for (const chunk of this.head ?? []) this.prefix?.add(chunk);
    this.head = undefined;
  }

  get prefixState(): PrefixState {
    return this.prefix?.state ?? 'same';
  }

  /** Of the bytes so far; of the body once it was read to its end. Can be asked at any time. */
  soFar(): Digest {
    return { bytes: this.count, sha256: this.hash.copy().digest('hex') };
  }
}

class PrefixCheck {
  state: PrefixState;
  private readonly hash = createHash('sha256');
  private missing: number;

  constructor(private readonly prefix: Digest) {
    this.missing = prefix.bytes;
    this.state = this.missing === 0 ? 'same' : 'open';
  }

  add(chunk: Buffer): void {
    if (this.state !== 'open') return;
    const part = chunk.subarray(0, this.missing);
    this.hash.update(part);
    this.missing -= part.length;
    if (this.missing === 0) this.state = this.hash.digest('hex') === this.prefix.sha256 ? 'same' : 'different';
  }
}
