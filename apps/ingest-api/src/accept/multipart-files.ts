import { ProblemError, type ProblemCode, type ProblemItem } from '@orderstream/contracts';
import { INGEST_OPTIONS } from '@orderstream/contracts/dto';
import type { BodyLimits } from './body-decoding.js';
import type { IngestRequest } from './ingest-request.js';
import { readMultipart, type MultipartFiles } from './multipart-reader.js';

/** A file of a multipart body that is no job, because it could not be read. */
export interface RefusedFile {
  readonly file: string;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemItem[];
}

/** Problems that are one file's own; all others end the request. */
const ONE_FILE_ONLY: ReadonlySet<ProblemCode> = new Set([
  'unknown_header',
  'duplicate_column',
  'no_header',
  'binary_content',
  'broken_json',
  'bad_json',
  'unsupported_media_type',
]);

/** Form fields that are named like an option end the request: nobody would see that they do nothing. */
export function filesOf(request: IngestRequest, limits: BodyLimits): MultipartFiles {
  const { contentType, contentEncoding, body } = request;
  const encoding = contentEncoding === undefined ? {} : { contentEncoding };
  const refuseField = (name: string) => (INGEST_OPTIONS.has(name) ? optionInForm(name) : undefined);
  return readMultipart({ contentType: contentType!, ...encoding, body, limits, refuseField });
}

/** Throws what is not the file's own problem. */
export function refusedFile(file: string, error: unknown): RefusedFile {
  if (!(error instanceof ProblemError) || !ONE_FILE_ONLY.has(error.code)) throw error;
  return { file, code: error.code, detail: error.detail, errors: error.extra.errors ?? [] };
}

/** Records of their own come as a body, not as a file. */
export const noFile = (): ProblemError =>
  new ProblemError('unsupported_media_type', 'one JSON object is no file; send it as the body');

const optionInForm = (name: string): ProblemError =>
  new ProblemError(
    'bad_parameter',
    `the form field ${name} is an option of the query, and is not read from the body. Send it as ?${name}=… and leave ` +
      'the field out.',
  );
