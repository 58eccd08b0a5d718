import { ProblemError } from '@orderstream/contracts';

export type BodyFormat = 'csv' | 'ndjson' | 'json';

const FORMAT_BY_TYPE: ReadonlyMap<string, BodyFormat> = new Map([
  ['text/csv', 'csv'],
  ['application/csv', 'csv'],
  ['text/plain', 'csv'],
  // what browsers on machines with Excel call a CSV file
  ['application/vnd.ms-excel', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/x-jsonlines', 'ndjson'],
  ['application/json', 'json'],
]);

const FORMAT_BY_EXTENSION: ReadonlyMap<string, BodyFormat> = new Map([
  ['csv', 'csv'],
  ['txt', 'csv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['json', 'json'],
]);

/** Types that say nothing: the name of the file decides. */
const VAGUE = new Set(['', 'application/octet-stream', 'text/plain']);
const UTF = /^(?:utf-?(?:8|16|16le|16be)|us-ascii)$/;

export const isMultipart = (contentType: string | undefined): boolean =>
  mediaTypeOf(contentType) === 'multipart/form-data';

/**
 * What a body is. `fileName` counts where the type is missing or says nothing, as browsers send for names they do not know.
 * Throws ProblemError `unsupported_media_type` with what is taken.
 */
export function formatOf(contentType: string | undefined, fileName?: string): BodyFormat {
  const type = mediaTypeOf(contentType);
  const format = (VAGUE.has(type) ? byExtension(fileName) : undefined) ?? FORMAT_BY_TYPE.get(type);
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !UTF.test(charset)) {
    throw new ProblemError(
      'unsupported_media_type',
      `The charset ${charset} is not taken. Send UTF-8, or UTF-16 with a byte order mark.`,
    );
  }
  if (format) return format;
  const shown = type === '' ? 'There is no Content-Type' : `The Content-Type ${type} is not taken`;
  const detail = `${shown}. Send one of ${[...FORMAT_BY_TYPE.keys()].join(', ')} or multipart/form-data.`;
  throw new ProblemError('unsupported_media_type', detail);
}

const byExtension = (fileName = ''): BodyFormat | undefined =>
  FORMAT_BY_EXTENSION.get(/\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '');

const mediaTypeOf = (contentType = ''): string => contentType.split(';', 1)[0]!.trim().toLowerCase();
