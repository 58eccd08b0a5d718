import { setImmediate as turn } from 'node:timers/promises';
import type { RowGenerator } from '@orderstream/streams';
import type { RunExtent } from './run-extent.js';

/** Records judged between two turns of the event loop. */
const PER_TURN = 20_000;
const NONE = -1;

/**
 * What the table must hold after the acknowledged records of a run, worked out from the generator alone. An *order* is
 * named by the index of the record that made it; its updates are a chain from the newest to that record.
 *
 * Memory: two bytes per record, and eight more when the run has updates; 10 MB for a run of 1,000,000.
 */
export class RunLedger {
  /** acknowledged records */
  expected = 0;
  /** those of them that were made to fail */
  planted = 0;
  /** those of them with a rejection */
  rejected = 0;
  /** refused, or not known to be acknowledged */
  private readonly isLeftOut: Uint8Array;
  private readonly isFound: Uint8Array;
  private readonly newest: Int32Array | undefined;
  private readonly previous: Int32Array | undefined;

  constructor(
    private readonly generator: RowGenerator,
    private readonly extent: RunExtent,
    { withUpdates }: { readonly withUpdates: boolean },
  ) {
    const { span } = extent;
    this.isLeftOut = new Uint8Array(span);
    this.isFound = new Uint8Array(span);
    if (!withUpdates) return;
    this.newest = new Int32Array(span).fill(NONE);
    this.previous = new Int32Array(span).fill(NONE);
  }

  /** Record `index` was refused: nothing of it is expected. To be told before `link`; again it is the same. */
  reject(index: number): void {
    if (this.isLeftOut[index] === 1 || !this.extent.has(index)) return;
    this.isLeftOut[index] = 1;
    this.rejected++;
  }

  /** Walks through all records once, letting others run in between. Rejects with the signal's reason. */
  async link(signal?: AbortSignal): Promise<void> {
    const { generator, newest, previous } = this;
    for (let index = 0; index < this.extent.span; index++) {
      if (index % PER_TURN === PER_TURN - 1) await turn(undefined, { signal });
      if (!this.extent.has(index)) {
        this.isLeftOut[index] = 1;
        continue;
      }
      this.expected++;
      if (generator.isFault(index)) this.planted++;
      if (!newest || !previous || this.isLeftOut[index] === 1) continue;
      const order = generator.subjectOf(index);
      previous[index] = newest[order]!;
      newest[order] = index;
    }
  }

  /** The newest record of an order, or -1 when nothing of it is expected. */
  newestOf(order: number): number {
    if (order >= this.extent.span) return NONE;
    if (this.newest) return this.newest[order]!;
    return this.isLeftOut[order] === 1 ? NONE : order;
  }

  /** The record of the same order before `index`, or -1. */
  before(index: number): number {
    return this.previous ? this.previous[index]! : NONE;
  }

  /** Number of records that an order is made of, and that were not refused. */
  recordsOf(order: number): number {
    let records = 0;
    for (let index = this.newestOf(order); index !== NONE; index = this.before(index)) records++;
    return records;
  }

  markFound(order: number): void {
    this.isFound[order] = 1;
  }

  /** Every order that is expected and was not found, by index. */
  async *missing(): AsyncGenerator<number> {
    for (let order = 0; order < this.extent.span; order++) {
      if (order % PER_TURN === PER_TURN - 1) await turn();
      if (this.isFound[order] === 0 && this.newestOf(order) !== NONE) yield order;
    }
  }
}
