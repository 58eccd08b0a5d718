import { ProblemError } from '@orderstream/contracts';
import type { RowBatch } from '../accept/row-batch.js';

/** A share of few rows says nothing. */
const SHARE_FROM_ROWS = 1000;

export interface Taken {
  readonly received: number;
  readonly rejectedAtDoor: number;
}

/** `?maxRejects=`: a number of rows, or a percentage of the received ones that is judged from row 1,000 on and at the end. */
export class RejectLimit {
  private constructor(
    private readonly text: string,
    private readonly value: number,
    private readonly isShare: boolean,
  ) {}

  /** `10` or `2.5%`, as the query was checked; undefined: no limit. */
  static of(text: string | undefined): RejectLimit {
    if (text === undefined) return new RejectLimit('', Infinity, false);
    return new RejectLimit(text, Number.parseFloat(text), text.endsWith('%'));
  }

  /** The batch up to, and with, the row at which the limit is passed; `stop` is that row's number. */
  cut(batch: RowBatch, before: Taken): { readonly batch: RowBatch; readonly stop?: number } {
    const stop = this.value === Infinity ? undefined : this.firstOver(batch, before);
    if (stop === undefined) return { batch };
    const rows = batch.rowNumbers.filter((row) => row <= stop).length;
    return {
      stop,
      batch: {
        stream: batch.stream,
        rows: batch.rows.slice(0, rows),
        rowNumbers: batch.rowNumbers.slice(0, rows),
        rejects: batch.rejects.filter(({ row }) => row <= stop),
      },
    };
  }

  /** At the end a percentage counts however few the rows are. Throws `too_many_rejects`. */
  judgeEnd(taken: Taken, lastRow: number): void {
    const problem = this.overAtEnd(taken, lastRow);
    if (problem) throw problem;
  }

  /** What `judgeEnd` would throw; null when it would not. */
  overAtEnd(taken: Taken, lastRow: number): ProblemError | null {
    return this.isOver(taken.received, taken.rejectedAtDoor) ? this.passed(taken, lastRow) : null;
  }

  /** What is told of an upload that ends for its rejects. */
  passed({ received, rejectedAtDoor }: Taken, row: number): ProblemError {
    const detail =
      `${rejectedAtDoor} of ${received} rows were rejected when the upload stopped at row ${row}, and maxRejects is ` +
      `${this.text}. What was published before is stored. Correct the file and send it again, or allow more.`;
    return new ProblemError('too_many_rejects', detail, {
      errors: [{ code: 'too_many_rejects', detail: `stopped at row ${row}`, line: row }],
    });
  }

  private firstOver({ rowNumbers, rejects }: RowBatch, before: Taken): number | undefined {
    let { received, rejectedAtDoor } = before;
    let r = 0;
    for (let i = 0; i < rowNumbers.length || r < rejects.length;) {
      const isReject = r < rejects.length && !(rowNumbers[i]! < rejects[r]!.row);
      const row = isReject ? rejects[r++]!.row : rowNumbers[i++]!;
      received++;
      if (isReject) rejectedAtDoor++;
      if ((!this.isShare || received >= SHARE_FROM_ROWS) && this.isOver(received, rejectedAtDoor)) return row;
    }
    return undefined;
  }

  private isOver(received: number, rejected: number): boolean {
    return this.isShare ? rejected * 100 > this.value * received : rejected > this.value;
  }
}
