import { RowFaults, type Row } from '@orderstream/streams';
import { decodeBody, type BodyLimits } from './body-decoding.js';
import type { BodyDigest } from './body-digest.js';
import { openCsv, type CsvOptions } from './csv-reader.js';
import { openJson } from './json-reader.js';
import { readRecord } from './json-record.js';
import { formatOf, type BodyFormat } from './media-type.js';
import { openNdjson } from './ndjson-reader.js';
import { readingOf, recogniseRecord, type RecognitionOptions } from './recognition.js';
import { FormatHints } from './format-hints.js';
import type { OpenedRows, RowBatch } from './row-batch.js';
import { SurplusFields } from './surplus-fields.js';
import { decodeText } from './text-decoding.js';

export interface BodyToOpen {
  readonly contentType: string | undefined;
  readonly contentEncoding?: string;
  /** never destroyed by the reader: its owner drains or closes it */
  readonly body: AsyncIterable<Buffer>;
  /** counts where the content type says nothing */
  readonly fileName?: string;
  readonly options: CsvOptions;
  readonly limits: BodyLimits;
}

/** A body of which format and stream are known and the rows are still to be read, with back-pressure. */
export interface OpenedBody extends OpenedRows {
  readonly format: BodyFormat;
  /** the body is one JSON object: this is its row, and `batches` is empty */
  readonly single?: Row | RowFaults;
  /** what would have let refused cells in; grows while the batches are read */
  readonly hints: Pick<FormatHints, 'suggestions'>;
  /** of the decoded body as far as it was read: the whole once `batches` has ended. Call its `expect` before `batches`. */
  readonly digest: BodyDigest;
  /** how its cells are read, as the options said it */
  readonly readAs: Pick<CsvOptions, 'reading' | 'unescape'>;
}

/**
 * From a request body to checked rows. It reads no further than the header, or the first JSON object, needs; the caller
 * may create its job before it asks for the first batch. Throws ProblemError for all that refuses the request as a whole;
 * `batches` throws what is found later, after the rows before it.
 */
export async function openBody({
  contentType,
  contentEncoding,
  body,
  fileName,
  options,
  limits,
}: BodyToOpen): Promise<OpenedBody> {
  const format = formatOf(contentType, fileName);
  const { chunks, digest } = decodeBody(body, contentEncoding, limits);
  const text = decodeText(chunks);
  try {
    const { rows, single } = await openText(format, text, options);
    const hints = new FormatHints(options.reading);
    return {
      format,
      stream: rows.stream,
      single: single instanceof RowFaults ? new RowFaults(hints.explain(single.faults)) : single,
      ...(rows.header && { header: rows.header }),
      batches: explained(rows.batches, hints),
      hints,
      digest,
      readAs: options,
      get warnings() {
        return [...rows.warnings, ...hints.warnings()];
      },
      close: () => rows.close(),
    };
  } catch (error) {
    await text.return(undefined);
    throw error;
  }
}

interface OpenedText {
  readonly rows: OpenedRows;
  readonly single?: Row | RowFaults;
}

async function openText(
  format: BodyFormat,
  text: AsyncGenerator<Buffer, void>,
  options: BodyToOpen['options'],
): Promise<OpenedText> {
  if (format === 'csv') return { rows: await openCsv(text, options) };
  if (format === 'ndjson') return { rows: await openNdjson(text, options) };
  const opened = await openJson(text, options);
  return opened.kind === 'single' ? openSingle(opened.value, options) : opened;
}

function openSingle(value: object, options: RecognitionOptions): OpenedText {
  const stream = recogniseRecord(Object.keys(value), options);
  const surplus = new SurplusFields('field', stream.name);
  const reading = readingOf(stream, options);
  const single = readRecord(value, { stream, reading, surplus, extra: options.extra });
  const rows = { stream, batches: nothing(), warnings: surplus.warnings(), close: async () => undefined };
  return { rows, single };
}

async function* explained(batches: AsyncIterable<RowBatch>, hints: FormatHints): AsyncGenerator<RowBatch> {
  for await (const batch of batches) yield hints.explained(batch);
}

async function* nothing(): AsyncGenerator<never> {}
