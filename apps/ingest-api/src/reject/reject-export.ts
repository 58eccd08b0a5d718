import { Buffer } from 'node:buffer';
import type { LetterPosition, RejectEntry, RejectSource, StoredDeadLetter } from '@orderstream/cassandra';
import type { Segment } from '@orderstream/contracts';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { CompiledStream } from '@orderstream/streams';
import { csvLine } from './csv-line.js';
import { escapeCell } from './formula-safety.js';
import { LetterTexts } from './letter-texts.js';
import { openRejectsOf, type OpenReject, type OpenRejects, type RejectStores } from './open-rejects.js';
import { cellsOfJson, cellsOfRaw, standardTexts, type OriginalCells } from './original-cells.js';
import { ADDED, addedNames, originalColumns, type Added, type OriginalColumn } from './reject-columns.js';
import { printableReason } from './stored-reject.js';

/** RFC 4180. */
const LINE_END = '\r\n';
/** Letters read at once; a value is up to 7 MiB. */
const LETTERS_AT_ONCE = 8;

interface Why extends Readonly<Record<Exclude<Added, 'line' | 'surplus'>, string>> {
  readonly line: number;
}

interface ExportedJob {
  readonly id: string;
  readonly segments: readonly Segment[];
  readonly stream: CompiledStream;
}

/** `rejects.csv`: the rows of a job that are rejected now, in the order of the file, with their reasons. */
export class RejectExport {
  private readonly columns: readonly OriginalColumn[];
  private readonly texts: LetterTexts;

  constructor(
    private readonly job: ExportedJob,
    private readonly source: RejectSource | undefined,
    private readonly stores: RejectStores,
    schemas: Pick<SchemaCatalog, 'resolve'>,
  ) {
    this.columns = originalColumns(job.stream, source);
    this.texts = new LetterTexts(schemas, job.stream);
  }

  /** In chunks, the header first; the stores are asked as the chunks are taken. Rejects as Cassandra did. */
  async *chunks(): AsyncGenerator<Buffer, void> {
    const open = await openRejectsOf(this.job.id, this.job.segments, this.stores);
    yield this.header();
    const letters = [...open.byRow.values()].filter(ofSink).sort((a, b) => a.row - b.row);
    const fromSink = this.letterLines(letters);
    let next = await fromSink.next();
    for await (const page of this.stores.rejects.entries(this.job.id, { raw: true })) {
      const lines: Buffer[] = [];
      for (const entry of page) {
        for (; !next.done && next.value.row < entry.row; next = await fromSink.next()) lines.push(next.value.line);
        const line = this.doorLine(entry, open);
        if (line) lines.push(line);
      }
      if (lines.length > 0) yield Buffer.concat(lines);
    }
    for (; !next.done; next = await fromSink.next()) yield next.value.line;
  }

  private header(): Buffer {
    const added = addedNames(this.columns);
    const names = [...this.columns.map(({ name }) => name), ...ADDED.map((name) => added[name])];
    return Buffer.from(csvLine(names.map((name) => escapeCell(name))) + LINE_END);
  }

  /** Undefined for a row that is not rejected any more, or whose letter says it all. */
  private doorLine({ row, reject, raw }: RejectEntry, { byRow }: OpenRejects): Buffer | undefined {
    const open = byRow.get(row);
    if (!open || !reject || (open.letter && !open.hasNewReason)) return undefined;
    const { column = '', code, reason, stage } = reject;
    return this.line(cellsOfRaw(raw, this.columns, this.source), { line: row, column, code, reason, stage });
  }

  private async *letterLines(rows: readonly LetterReject[]): AsyncGenerator<{ row: number; line: Buffer }, void> {
    const ofLetters = rows.filter(({ hasNewReason }) => !hasNewReason);
    for (let at = 0; at < ofLetters.length; at += LETTERS_AT_ONCE) {
      const some = ofLetters.slice(at, at + LETTERS_AT_ONCE);
      const found = await Promise.all(some.map(({ letter }) => this.stores.letters.find(letter.id)));
      const texts = await this.texts.of(found.map((letter) => letter?.value ?? null));
      // One that is not found has expired meanwhile.
      for (const [i, letter] of found.entries())
        if (letter) yield { row: some[i]!.row, line: this.letterLine(some[i]!.row, letter, texts[i]!) };
    }
  }

  private letterLine(row: number, { code, reason, column, stage }: StoredDeadLetter, text: string): Buffer {
    const cells: OriginalCells = {
      ...cellsOfJson(text, this.columns, standardTexts(this.source)),
      encoding: 'utf8',
    };
    return this.line(cells, { line: row, column: column ?? '', code, reason: printableReason(reason), stage });
  }

  private line({ cells, surplus = '', encoding }: OriginalCells, why: Why): Buffer {
    const original = csvLine(cells.map((cell, i) => escapeCell(cell, this.columns[i]!.isText)));
    const reasons = csvLine([
      String(why.line),
      ...[why.column, why.code, why.reason, why.stage].map((s) => escapeCell(s)),
    ]);
    const rest = csvLine([escapeCell(surplus)]);
    return Buffer.concat([
      Buffer.from(`${original},`, encoding),
      Buffer.from(`${reasons},`),
      Buffer.from(rest + LINE_END, encoding),
    ]);
  }
}

interface LetterReject extends OpenReject {
  readonly letter: LetterPosition;
}

const ofSink = (reject: OpenReject): reject is LetterReject => reject.letter !== undefined;
