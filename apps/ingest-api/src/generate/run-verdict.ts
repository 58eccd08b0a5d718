import type { FoundRecord } from '@orderstream/cassandra';
import type { RowGenerator } from '@orderstream/streams';
import type { RunContents } from './run-contents.js';
import type { RunExtent } from './run-extent.js';
import type { RunLedger } from './run-ledger.js';

/** Ids named in an answer, of each kind. */
const MOST_IDS = 100;

export interface VerifiedRun {
  readonly jobId: string;
  /** µs; record n is written at base + n, unless its stream takes the time from a field */
  readonly writeTimeBase: bigint;
  readonly extent: RunExtent;
  /** the table does not say which job wrote a row */
  readonly isUnmarked?: boolean;
}

/** Records of the run by what the table says of them; they add up to the expected ones, less the rejected. */
export class RunVerdict {
  stored = 0;
  lost = 0;
  /** the row has another write time than the newest update's */
  stale = 0;
  /** the row has the right write time and other contents */
  different = 0;
  /** rows that the run did not make, under its keys or its job */
  unexpected = 0;
  readonly missingIds: string[] = [];
  readonly staleIds: string[] = [];
  readonly differentIds: string[] = [];
  readonly unexpectedIds: string[] = [];

  constructor(
    private readonly run: VerifiedRun,
    private readonly generator: RowGenerator,
    private readonly ledger: RunLedger,
    private readonly contents: RunContents,
  ) {}

  /** Judges one row of the table; those of others are passed over. */
  judge(found: FoundRecord): void {
    const { jobId, jobRow = -1 } = found.lineage;
    const isOurs = jobId === this.run.jobId;
    if (isOurs && jobRow >= 0 && this.mayBeMissing(jobRow)) return this.passOver(jobRow);
    const order = this.orderOf(found, isOurs ? jobRow : -1);
    if (order === undefined && !isOurs) return;
    if (order === undefined || !this.isExpected(order)) return this.surprise(found);
    const newest = this.ledger.newestOf(order);
    const isNewest = found.writeTimeMicros === this.writeTimeOf(newest);
    const isSound = isNewest && this.contents.agrees(newest, this.ledger, found);
    // Contents that agree have the key too, and nearly all do.
    if (!isSound && !this.contents.hasKeyOf(order, found)) return this.surprise(found);
    this.ledger.markFound(order);
    if (!isOurs) this.writtenByOthers(found);
    if (isSound) this.stored += this.ledger.recordsOf(order);
    else this.blame(order, isNewest);
  }

  /** After the last row: what was not found is lost. */
  async close(): Promise<void> {
    for await (const order of this.ledger.missing()) {
      this.lost += this.ledger.recordsOf(order);
      note(this.missingIds, this.contents.idOf(order));
    }
  }

  private writeTimeOf(index: number): bigint {
    return this.contents.writeTimeOf(index) ?? this.run.writeTimeBase + BigInt(index);
  }

  private mayBeMissing(index: number): boolean {
    const { extent } = this.run;
    return extent.isCutOff && !extent.has(index);
  }

  /** A planted fault never becomes a row, whether it was refused or not. */
  private isExpected(order: number): boolean {
    return this.ledger.newestOf(order) >= 0 && !this.generator.isFault(order);
  }

  private orderOf({ record }: FoundRecord, jobRow: number): number | undefined {
    const named = this.generator.indexOf(record);
    if (named !== undefined || jobRow < 0) return named;
    return this.generator.subjectOf(jobRow);
  }

  private blame(order: number, isNewest: boolean): void {
    const records = this.ledger.recordsOf(order);
    if (isNewest) this.different += records;
    else this.stale += records;
    note(isNewest ? this.differentIds : this.staleIds, this.contents.idOf(order));
  }

  /** A record that nobody noted may have updated one that was. */
  private passOver(jobRow: number): void {
    const order = this.generator.subjectOf(jobRow);
    if (this.ledger.newestOf(order) < 0) return;
    this.ledger.markFound(order);
    this.stored += this.ledger.recordsOf(order);
  }

  /** Where rows are not marked, one of ours looks as one of others. */
  private writtenByOthers(found: FoundRecord): void {
    if (!this.run.isUnmarked) this.surprise(found);
  }

  private surprise({ record }: FoundRecord): void {
    this.unexpected++;
    note(this.unexpectedIds, this.contents.idIn(record));
  }
}

function note(ids: string[], id: string): void {
  if (ids.length < MOST_IDS) ids.push(id);
}
