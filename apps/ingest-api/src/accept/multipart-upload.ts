import { ProblemError, type JobView } from '@orderstream/contracts';
import type { StreamRegistry } from '@orderstream/streams';
import { streamNamed } from '../problems/stream-named.js';
import { fileKey } from '../track/file-keys.js';
import type { JobReader } from '../track/job-reader.js';
import type { BodyLimits } from './body-decoding.js';
import type { Door } from './door.js';
import {
  awaitedView,
  bodyToOpen,
  keyOf,
  nothingAccepted,
  waitMs,
  type IngestAnswer,
  type IngestRequest,
} from './ingest-request.js';
import type { KeyedAnswer, KeyedUpload } from './keyed-upload.js';
import { filesOf, noFile, refusedFile, type RefusedFile } from './multipart-files.js';
import type { MultipartFile } from './multipart-reader.js';
import { openBody, type OpenedBody } from './open-body.js';

export interface MultipartParts {
  readonly registry: StreamRegistry;
  readonly limits: BodyLimits;
  readonly door: Door;
  readonly keyed: KeyedUpload;
  readonly reader: JobReader;
  /** one file, once it is known what is in it */
  readonly receive: (
    body: OpenedBody,
    name: string,
    request: IngestRequest,
    key: string | undefined,
  ) => Promise<KeyedAnswer>;
}

type Received = KeyedAnswer | RefusedFile;

interface ReceivedFiles {
  readonly files: readonly Received[];
  readonly warnings: readonly string[];
}

/** Several files in one body: every file is a job of its own, one after another. A refused one costs the others nothing. */
export class MultipartUpload {
  constructor(private readonly parts: MultipartParts) {}

  async receive(request: IngestRequest): Promise<IngestAnswer> {
    const { files, warnings } = await this.published(request);
    const endsAt = Date.now() + waitMs(request);
    const items = await Promise.all(files.map((file) => this.answerOf(file, request, endsAt)));
    const jobs = items.filter((item) => 'counts' in item);
    if (jobs.every(({ counts }) => counts.accepted === 0)) throw nothingAcceptedOf(items);
    const settled = jobs.length === items.length && jobs.every(({ settledAt }) => settledAt !== null);
    const status = request.query.wait === 'stored' && settled ? 200 : 202;
    // A file that is refused is refused again: there is nothing of it to replay.
    const replayed = files.every((file) => 'file' in file || file.replayed);
    return { status, replayed, body: { items, next: null, warnings } };
  }

  private async published(request: IngestRequest): Promise<ReceivedFiles> {
    const { door, registry, keyed } = this.parts;
    const leave = door.admitUpload();
    try {
      // What refuses every file is told before the body is read.
      const { stream } = request.query;
      if (stream !== undefined) streamNamed(registry, stream);
      const key = keyOf(request);
      if (key !== undefined) await keyed.refuseRunningFiles(key);
      return await this.receiveFiles(request);
    } finally {
      leave();
    }
  }

  private answerOf(file: Received, request: IngestRequest, endsAt: number): Promise<JobView | RefusedFile> {
    if ('file' in file) return Promise.resolve(file);
    return awaitedView(this.parts.reader, file.id, request, endsAt - Date.now());
  }

  /** When the body breaks off, the problem names the jobs that are published already. */
  private async receiveFiles(request: IngestRequest): Promise<ReceivedFiles> {
    const received: Received[] = [];
    try {
      const { files, warnings } = filesOf(request, this.parts.limits);
      for await (const file of files) received.push(await this.file(request, file, received.length));
      return { files: received, warnings };
    } catch (error) {
      if (!(error instanceof ProblemError) || received.length === 0) throw error;
      const before = received.map((file) => ('id' in file ? { job: file.id, detail: 'published' } : { ...file }));
      const errors = [...before, ...(error.extra.errors ?? [])];
      throw new ProblemError(error.code, error.detail, { ...error.extra, errors });
    }
  }

  private async file(request: IngestRequest, file: MultipartFile, index: number): Promise<Received> {
    const key = keyOf(request);
    const { stream, contentType } = file;
    const name = file.filename ?? file.field;
    try {
      const opened = await openBody(bodyToOpen(request, this.parts, { body: stream, contentType, fileName: name }));
      if (opened.single) throw noFile();
      return await this.parts.receive(opened, name, request, key && fileKey(key, index));
    } catch (error) {
      return refusedFile(name, error);
    }
  }
}

function nothingAcceptedOf(items: readonly (JobView | RefusedFile)[]): ProblemError {
  const errors = items.map((item) => {
    if ('file' in item) return { ...item };
    return { file: item.source.name, job: item.id, detail: nothingAccepted(item)?.detail ?? '' };
  });
  return new ProblemError('no_row_accepted', `none of ${items.length} files has a row that was accepted`, { errors });
}
