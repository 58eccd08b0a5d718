import type { JobChange, StoredJob, StoredReject } from '@orderstream/cassandra';
import type { RowFault } from '@orderstream/contracts';
import type { OpenReject, OpenRejects } from './open-rejects.js';
import { storedReject } from './stored-reject.js';

/** What a repair has found out row by row, and what it makes of the counts of its job. */
export class RepairOutcome {
  private readonly goodByRow = new Map<number, OpenReject>();
  private readonly newCodeByRow = new Map<number, string>();
  private wrong: StoredReject[] = [];
  /** rows of the file that are for no row that is rejected */
  ignored = 0;

  constructor(private readonly open: OpenRejects) {}

  /** The open reject a line is for, once; another row for the same line is ignored. */
  take(line: number | undefined): OpenReject | undefined {
    const reject = line === undefined ? undefined : this.open.byRow.get(line);
    if (reject && !this.goodByRow.has(reject.row) && !this.newCodeByRow.has(reject.row)) return reject;
    this.ignored++;
    return undefined;
  }

  good(reject: OpenReject): void {
    this.goodByRow.set(reject.row, reject);
  }

  /** Also for a row that was taken for good until Kafka would not have taken it. */
  stillWrong({ row, letter }: OpenReject, faults: readonly RowFault[], raw: Buffer | string): void {
    this.goodByRow.delete(row);
    const reject = storedReject(row, faults, raw, letter === undefined ? 'door' : 'transform');
    this.newCodeByRow.set(row, reject.code);
    this.wrong.push(reject);
  }

  get repaired(): readonly OpenReject[] {
    return [...this.goodByRow.values()];
  }

  /** The new reasons since the last call. */
  takeWrong(): StoredReject[] {
    const { wrong } = this;
    this.wrong = [];
    return wrong;
  }

  get wrongRows(): number {
    return this.wrong.length;
  }

  get hasNewReasons(): boolean {
    return this.newCodeByRow.size > 0;
  }

  /** Rows that were good are pending again; the settled counts of all others stand. */
  changeOf(job: StoredJob): JobChange {
    const { repaired } = this;
    const rejectedByCode = this.codes();
    if (repaired.length === 0) return { rejectedByCode };
    const atDoor = repaired.filter(({ letter }) => letter === undefined).length;
    const { rejectedInSink, stored } = this.sinkCounts(job, repaired.length - atDoor);
    return {
      state: job.state === 'stored' ? 'published' : job.state,
      accepted: job.accepted + atDoor,
      published: job.published + atDoor,
      rejectedAtDoor: Math.max(0, job.rejectedAtDoor - atDoor), // a job that was killed has counted none since its checkpoint
      rejectedInSink,
      stored,
      rejectedByCode,
      settledAtMs: null,
    };
  }

  /**
   * A letter that came after the job was settled (its record was read again, and refused then) is of a row that counts as
   * stored, so that row is not stored for the time being. Letters that have expired stay counted.
   */
  private sinkCounts({ rejectedInSink, stored }: StoredJob, repaired: number) {
    const before = rejectedInSink ?? 0;
    const letters = [...this.open.byRow.values()].filter(({ letter }) => letter !== undefined).length;
    const left = this.open.closedCodes.length + letters - repaired;
    const after = Math.min(before, Math.max(before - repaired, left));
    const late = repaired - (before - after);
    return { rejectedInSink: after, stored: (stored ?? 0) - late };
  }

  private codes(): Record<string, number> {
    const codes = [...this.open.closedCodes];
    for (const { row, code } of this.open.byRow.values()) {
      if (!this.goodByRow.has(row)) codes.push(this.newCodeByRow.get(row) ?? code);
    }
    const counts = new Map<string, number>();
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    return Object.fromEntries(counts);
  }
}
