import type { FoundRecord, PlannedQuestion, RecordQuestions } from '@orderstream/cassandra';
import { type Page, ProblemError } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import type { CompiledStream, StreamRegistry } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import type { OpenAnswers } from './open-answers.js';
import type { RecordWriter } from './record-writers.js';
import { DEFAULT_LIMIT, recordsRequestOf } from './records-request.js';
import { openCursor, sealCursor } from './sealed-cursor.js';

/** About so much is read, and written, in one go; rows of a table may be large. */
const CHUNK_BYTES = 256 * 1024;
const PAGE_ROWS = { first: 25, most: 2_000 } as const;

type AnsweredRecord = FoundRecord['record'];
export type QueryParameters = Readonly<Record<string, unknown>>;

/** Answers questions about the records of one stream, from its table. */
export class RecordAnswers {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly questionsByStream: ReadonlyMap<string, RecordQuestions>,
    private readonly open: OpenAnswers,
    private readonly log: Log,
  ) {}

  /**
   * One page. Throws `stream_not_found`, `bad_parameter`, `unanswerable_filter`, `unanswerable_sort` and
   * `store_unavailable`.
   */
  async page(name: string, query: QueryParameters): Promise<Page<AnsweredRecord>> {
    const { stream, questions } = this.of(name);
    const { plan, identity, limit = DEFAULT_LIMIT, cursor } = recordsRequestOf(stream, questions, query);
    const from = cursor === undefined ? undefined : openCursor(identity, cursor).toString('hex');
    const { records, pageState } = await orStoreUnavailable(() => questions.page(plan, limit, from));
    const next = pageState === undefined ? null : sealCursor(identity, Buffer.from(pageState, 'hex'));
    return { items: records.map(({ record }) => record), next };
  }

  /**
   * The whole answer as pieces of text, read as they are taken. Throws as `page` does, for what fails before the first
   * piece too; what fails later is thrown by the iteration.
   */
  async whole(
    name: string,
    query: QueryParameters,
    { writer: writerOf, gone }: { writer: (stream: CompiledStream) => RecordWriter; gone: AbortSignal },
  ): Promise<{ writer: RecordWriter; chunks: AsyncGenerator<Buffer> }> {
    const { stream, questions } = this.of(name);
    const { plan, limit, cursor } = recordsRequestOf(stream, questions, query);
    if (limit !== undefined || cursor !== undefined) {
      const parameter = limit === undefined ? 'cursor' : 'limit';
      const detail = `${parameter} is for pages of JSON; CSV and NDJSON have the whole answer`;
      throw new ProblemError('bad_parameter', detail, { errors: [{ parameter, detail }] });
    }
    const writer = writerOf(stream);
    const chunks = chunksOf(questions, plan, writer, this.open.until(gone));
    const answer = await orStoreUnavailable(() => begun(chunks));
    return { writer, chunks: this.told(answer, stream.name, gone) };
  }

  /** Its status has been sent, so a failure can only be seen by its end; the reason is in the log. */
  private async *told(chunks: AsyncGenerator<Buffer>, stream: string, gone: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* chunks;
    } catch (error) {
      if (!gone.aborted)
        this.log.warn({ error, stream }, 'an export broke off; its connection is closed without an end');
      throw error;
    }
  }

  private of(name: string): { stream: CompiledStream; questions: RecordQuestions } {
    const stream = streamNamed(this.streams, name);
    return { stream, questions: this.questionsByStream.get(stream.name)! };
  }
}

async function* chunksOf(
  questions: RecordQuestions,
  plan: PlannedQuestion,
  writer: RecordWriter,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let pageRows: number = PAGE_ROWS.first;
  let head = writer.head;
  for await (const records of questions.pages(plan, { pageRows: () => pageRows, signal })) {
    signal.throwIfAborted();
    let text = head;
    for (const { record } of records) text += writer.line(record);
    const chunk = Buffer.from(text);
    head = '';
    if (records.length > 0) pageRows = rowsOf(CHUNK_BYTES, chunk.length / records.length);
    if (chunk.length > 0) yield chunk;
  }
}

const rowsOf = (bytes: number, bytesPerRow: number): number =>
  Math.max(1, Math.min(PAGE_ROWS.most, Math.floor(bytes / bytesPerRow)));

/** The same pieces, the first of which has been read. */
async function begun(chunks: AsyncGenerator<Buffer>): Promise<AsyncGenerator<Buffer>> {
  const first = await chunks.next();
  return (async function* () {
    try {
      if (first.done) return;
      yield first.value;
      yield* chunks;
    } finally {
      await chunks.return(undefined);
    }
  })();
}
