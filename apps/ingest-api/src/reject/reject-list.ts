import { ProblemError, type JobReject, type Page } from '@orderstream/contracts';
import type { ListQuery } from '@orderstream/contracts/dto';
import { Limiter } from '@orderstream/resilience';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { StreamRegistry } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { JobReader } from '../track/job-reader.js';
import { LetterTexts } from './letter-texts.js';
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
    private readonly schemas: Pick<SchemaCatalog, 'resolve'>,
    private readonly streams: Pick<StreamRegistry, 'byName'>,
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
      const texts = new LetterTexts(this.schemas, this.streams.byName(view.stream));
      const listed = async (row: RejectedRow) =>
        row.reject ? ofReject(row.row, row.reject) : letters.run(() => this.ofLetter(row, texts));
      const items = await Promise.all(rows.map(listed));
      return { items: items.filter((item) => item !== undefined), next };
    });
  }

  /** Undefined when the letter has expired meanwhile. */
  private async ofLetter({ row, letter }: RejectedRow, texts: LetterTexts): Promise<JobReject | undefined> {
    const found = await this.stores.letters.find(letter!.id);
    if (!found) return undefined;
    const { column, code, reason, stage } = found;
    const value = column === undefined ? null : await printableField(found.value, column, texts);
    return { line: row, column: column ?? null, code, value, reason: printableReason(reason), stage };
  }
}

function ofReject(line: number, reject: NonNullable<RejectedRow['reject']>): JobReject {
  const { column = null, code, value = null, reason, stage } = reject;
  return { line, column, code, value, reason, stage };
}

async function printableField(value: Uint8Array | null, column: string, texts: LetterTexts): Promise<string | null> {
  const [text = ''] = await texts.of([value]);
  const field = fieldText(text, column);
  return field === undefined ? null : printableValue(field);
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
