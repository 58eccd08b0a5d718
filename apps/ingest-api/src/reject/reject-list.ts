import type { StoredDeadLetter } from '@orderstream/cassandra';
import { ProblemError, type JobReject, type Page } from '@orderstream/contracts';
import type { ListQuery } from '@orderstream/contracts/dto';
import { Limiter } from '@orderstream/resilience';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { JobReader } from '../track/job-reader.js';
import type { RejectStores } from './open-rejects.js';
import { fieldText } from './original-cells.js';
import { rejectedRows, type RejectedRow } from './rejected-rows.js';
import { printableReason, printableValue } from './stored-reject.js';

/** Letters read at once; a value is up to 7 MiB. */
const LETTERS_AT_ONCE = 8;
const ROW = /^\d{1,10}$/;

/** `GET /jobs/:id/rejects`: what was refused of a job and why, for those who show it. */
export class RejectList {
  constructor(
    private readonly stores: RejectStores,
    private readonly reader: Pick<JobReader, 'view'>,
  ) {}

  /** In the order of the rows. Throws `job_not_found`, `bad_parameter` and `store_unavailable`. */
  async page(id: string, { limit, cursor }: ListQuery): Promise<Page<JobReject>> {
    const from = rowOf(cursor);
    const view = await this.reader.view(id);
    return orStoreUnavailable(async () => {
      const rows: RejectedRow[] = [];
      for await (const row of rejectedRows(view, from, this.stores)) {
        rows.push(row);
        if (rows.length > limit) break;
      }
      const next = rows.length > limit ? String(rows.pop()!.row) : null;
      const letters = new Limiter(LETTERS_AT_ONCE);
      const items = await Promise.all(rows.map((row) => this.reject(row, letters)));
      return { items: items.filter((item) => item !== undefined), next };
    });
  }

  /** Undefined when the letter has expired meanwhile. */
  private async reject({ row, reject, letter }: RejectedRow, letters: Limiter): Promise<JobReject | undefined> {
    if (reject) {
      const { column = null, code, value = null, reason, stage } = reject;
      return { line: row, column, code, value, reason, stage };
    }
    const found = await letters.run(() => this.stores.letters.find(letter!.id));
    return found && ofLetter(row, found);
  }
}

function ofLetter(line: number, { column, code, value, reason, stage }: StoredDeadLetter): JobReject {
  const text = column === undefined || value === null ? undefined : fieldText(Buffer.from(value).toString(), column);
  return {
    line,
    column: column ?? null,
    code,
    value: text === undefined ? null : printableValue(text),
    reason: printableReason(reason),
    stage,
  };
}

/** A cursor is the first row of its page. */
function rowOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (ROW.test(cursor) && Number(cursor) <= MAX_ROW) return Number(cursor);
  throw new ProblemError(
    'bad_parameter',
    'cursor is not a `next` of this list; leave it out to begin at the first row',
  );
}

/** Row numbers are CQL ints. */
const MAX_ROW = 2_147_483_647;
