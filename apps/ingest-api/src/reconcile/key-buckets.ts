/** Keys whose hash ends in `bits` bits that are `value`. */
interface Bucket {
  readonly bits: number;
  readonly value: number;
}

/**
 * Works through any number of keys with at most so many, and so much of them, in memory: a pass that meets more keeps one half by
 * hash, and the other half gets a pass of its own.
 */
export class KeyBuckets<T> {
  private readonly toDo: Bucket[] = [{ bits: 0, value: 0 }];
  private bucket: Bucket | undefined;
  private itemByKey = new Map<string, T>();
  private begun = 0;
  private bytes = 0;

  /** `maxBytes`: of the keys' text; one key may have more */
  constructor(
    private readonly maxKeys: number,
    private readonly maxBytes = Infinity,
  ) {}

  /** Begins the next pass; false when there is none. */
  next(): boolean {
    this.bucket = this.toDo.pop();
    this.itemByKey = new Map();
    this.bytes = 0;
    if (this.bucket) this.begun++;
    return this.bucket !== undefined;
  }

  /** 1 in the first pass */
  get pass(): number {
    return this.begun;
  }

  /** The item of that key, made when it is new; undefined for keys that are not of this pass. */
  itemOf(keyText: string, make: () => T): T | undefined {
    if (!isIn(keyText, this.bucket!)) return undefined;
    const known = this.itemByKey.get(keyText);
    if (known) return known;
    const made = make();
    this.itemByKey.set(keyText, made);
    this.bytes += bytesOf(keyText);
    while (this.isFull && this.bucket!.bits < MOST_BITS) this.split();
    return this.itemByKey.has(keyText) ? made : undefined;
  }

  /** Everything of this pass. */
  get items(): ReadonlyMap<string, T> {
    return this.itemByKey;
  }

  private get isFull(): boolean {
    const { size } = this.itemByKey;
    return size > this.maxKeys || (size > 1 && this.bytes > this.maxBytes);
  }

  private split(): void {
    const { bits, value } = this.bucket!;
    this.toDo.push({ bits: bits + 1, value: value | (1 << bits) });
    this.bucket = { bits: bits + 1, value };
    for (const keyText of this.itemByKey.keys()) {
      if (isIn(keyText, this.bucket)) continue;
      this.itemByKey.delete(keyText);
      this.bytes -= bytesOf(keyText);
    }
  }
}

/** of a hash; keys that share all of them stay together */
const MOST_BITS = 30;

/** At most: V8 keeps text that is not Latin-1 with two bytes a character. */
const bytesOf = (keyText: string): number => keyText.length * 2;

const isIn = (keyText: string, { bits, value }: Bucket): boolean =>
  bits === 0 || (hashOf(keyText) & ((1 << bits) - 1)) === value;

/** FNV-1a, its high bits folded into the low ones, which tell the bucket. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}
