import {
  parseDurationMs,
  ProblemError,
  type JobView,
  type ProblemCode,
  type ProblemItem,
} from '@orderstream/contracts';
import type { IngestQuery } from '@orderstream/contracts/dto';
import type { StreamRegistry } from '@orderstream/streams';
import { streamNamed } from '../problems/stream-named.js';
import type { SinglePublisher } from '../publish/single-publisher.js';
import { fileKey } from '../track/job-search.js';
import type { JobReader } from '../track/job-reader.js';
import type { BodyLimits } from './body-decoding.js';
import type { DryRun } from './dry-run.js';
import type { DryRunReport } from './dry-run-report.js';
import type { KeyedAnswer, KeyedUpload } from './keyed-upload.js';
import { formatOf, isMultipart } from './media-type.js';
import { readMultipart, type MultipartFile } from './multipart-reader.js';
import { openBody, type BodyToOpen, type OpenedBody } from './open-body.js';
import { readingOptionsOf } from './reading-query.js';
import { requireRoom, type Room } from './require-room.js';
import type { Upload } from './upload.js';

export interface IngestRequest {
  readonly body: AsyncIterable<Buffer>;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly query: IngestQuery;
  /** `Idempotency-Key` */
  readonly key?: string | undefined;
}

export interface IngestAnswer {
  readonly status: 200 | 202;
  readonly location?: string;
  /** the job is that of an earlier upload under the same key */
  readonly replayed?: boolean;
  readonly body: unknown;
}

/** A file of a multipart body that is no job, because it could not be read. */
interface RefusedFile {
  readonly file: string;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemItem[];
}

export interface IngestParts extends Room {
  readonly streams: StreamRegistry;
  readonly single: SinglePublisher;
  readonly upload: Upload;
  readonly keyed: KeyedUpload;
  readonly reader: JobReader;
  readonly dryRun: DryRun;
}

/** `POST /ingest`: the kind of body, the job or record it becomes, and the answer. */
export class IngestService {
  constructor(
    private readonly parts: IngestParts,
    private readonly limits: BodyLimits,
  ) {}

  async receive(request: IngestRequest): Promise<IngestAnswer> {
    readingOptionsOf(request.query); // a wrong one is told before anything is read
    if (request.query.dryRun) return { status: 200, body: await this.examine(request) };
    return isMultipart(request.contentType) ? this.files(request) : this.one(request);
  }

  /** Publishes nothing; a file that is refused costs the others nothing here either. */
  private async examine(request: IngestRequest): Promise<unknown> {
    const { dryRun } = this.parts;
    if (!isMultipart(request.contentType)) return dryRun.examine(this.toOpen(request, request.body), 'body');
    const items: (DryRunReport | RefusedFile)[] = [];
    for await (const file of filesOf(request, this.limits)) {
      const name = file.filename ?? file.field;
      const toOpen = { ...this.toOpen(request, file.stream, file.contentType), fileName: name };
      items.push(await dryRun.examine(toOpen, name).catch((error: unknown) => refusedFile(name, error)));
    }
    return { items, next: null };
  }

  private async one(request: IngestRequest): Promise<IngestAnswer> {
    if (formatOf(request.contentType) !== 'json') requireRoom(this.parts); // before the body is read
    const key = keyOf(request);
    if (key !== undefined) await this.parts.keyed.refuseRunning(key);
    const opened = await openBody(this.toOpen(request, request.body));
    if (opened.single) return { status: 202, body: await this.parts.single.publish(opened.stream, opened.single) };
    requireRoom(this.parts);
    const { id, replayed } = await this.received(opened, 'body', request, key);
    const view = await this.awaited(id, request.query);
    if (view.counts.accepted === 0) throw nothingAccepted(view);
    const settled = request.query.wait === 'stored' && view.settledAt !== null;
    return { status: settled ? 200 : 202, location: view.links.self, replayed, body: view };
  }

  private async received(
    body: OpenedBody,
    name: string,
    request: IngestRequest,
    key: string | undefined,
  ): Promise<KeyedAnswer> {
    if (key === undefined) return { id: await this.parts.upload.receive(body, name, request.query), replayed: false };
    return this.parts.keyed.receive(body, name, { key, options: readingOptions(request), rules: request.query });
  }

  /** Every file is a job of its own, one after another. A file that is refused costs the others nothing. */
  private async files(request: IngestRequest): Promise<IngestAnswer> {
    requireRoom(this.parts);
    // What refuses every file is told before the body is read.
    const { stream } = request.query;
    if (stream !== undefined) streamNamed(this.parts.streams, stream);
    const key = keyOf(request);
    if (key !== undefined) await this.parts.keyed.refuseRunning(fileKey(key, 0));
    const received = await this.receiveFiles(request);
    const endsAt = Date.now() + waitMs(request.query);
    const items = await Promise.all(received.map((item) => this.fileAnswer(item, request.query, endsAt)));
    const jobs = items.filter((item) => 'counts' in item);
    if (jobs.every(({ counts }) => counts.accepted === 0)) throw nothingAcceptedOf(items);
    const settled = jobs.length === items.length && jobs.every(({ settledAt }) => settledAt !== null);
    return { status: request.query.wait === 'stored' && settled ? 200 : 202, body: { items, next: null } };
  }

  private fileAnswer(item: string | RefusedFile, query: IngestQuery, endsAt: number): Promise<JobView | RefusedFile> {
    return typeof item === 'string' ? this.awaited(item, query, endsAt - Date.now()) : Promise.resolve(item);
  }

  /** The ids of the jobs. When the body breaks off, the problem names those that are published already. */
  private async receiveFiles(request: IngestRequest): Promise<(string | RefusedFile)[]> {
    const received: (string | RefusedFile)[] = [];
    try {
      for await (const file of filesOf(request, this.limits)) {
        received.push(await this.file(request, file, received.length));
      }
      return received;
    } catch (error) {
      if (!(error instanceof ProblemError) || received.length === 0) throw error;
      const before = received.map((item) =>
        typeof item === 'string' ? { job: item, detail: 'published' } : { ...item },
      );
      throw new ProblemError(error.code, error.detail, {
        ...error.extra,
        errors: [...before, ...(error.extra.errors ?? [])],
      });
    }
  }

  private async file(request: IngestRequest, file: MultipartFile, index: number): Promise<string | RefusedFile> {
    const key = keyOf(request);
    const name = file.filename ?? file.field;
    try {
      const opened = await openBody({ ...this.toOpen(request, file.stream, file.contentType), fileName: name });
      if (opened.single)
        throw new ProblemError('unsupported_media_type', 'one JSON object is no file; send it as the body');
      return (await this.received(opened, name, request, key && fileKey(key, index))).id;
    } catch (error) {
      return refusedFile(name, error);
    }
  }

  private toOpen(
    { query, contentType, contentEncoding }: IngestRequest,
    body: AsyncIterable<Buffer>,
    partType?: string,
  ): BodyToOpen {
    const stream = query.stream === undefined ? undefined : streamNamed(this.parts.streams, query.stream);
    const delimiter = query.delimiter === 'tab' ? '\t' : query.delimiter;
    const reading = readingOptionsOf(query);
    const options = {
      registry: this.parts.streams,
      extra: query.extra,
      delimiter,
      unescape: query.unescape === 'true',
      ...(stream && { stream }),
      ...(reading && { reading }),
    };
    // The encoding of a multipart body is undone before its parts are told apart.
    const encoding = partType === undefined && contentEncoding !== undefined ? { contentEncoding } : {};
    return { contentType: partType ?? contentType, ...encoding, body, options, limits: this.limits };
  }

  private awaited(id: string, query: IngestQuery, timeoutMs = waitMs(query)): Promise<JobView> {
    if (query.wait === 'published') return this.parts.reader.view(id);
    return this.parts.reader.waitSettled(id, timeoutMs);
  }
}

const MAX_KEY_LENGTH = 200;

/** Throws `bad_parameter`. */
function keyOf({ key }: IngestRequest): string | undefined {
  if (key === undefined || (key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e]+$/.test(key))) return key;
  const detail = `Idempotency-Key has 1 to ${MAX_KEY_LENGTH} characters of ASCII without spaces, such as a UUID or a hash`;
  throw new ProblemError('bad_parameter', detail);
}

/** What of a request decides how its body is read: the same bytes with another of these are another upload. */
function readingOptions({ query, contentType }: IngestRequest): string {
  const { wait: _wait, timeout: _timeout, ...reading } = query;
  const format = isMultipart(contentType) ? 'multipart' : formatOf(contentType);
  return JSON.stringify({ format, ...reading });
}

const waitMs = ({ timeout }: IngestQuery): number => parseDurationMs(timeout) ?? 0;

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

function filesOf(request: IngestRequest, limits: BodyLimits): AsyncGenerator<MultipartFile> {
  const { contentType, contentEncoding, body } = request;
  const encoding = contentEncoding === undefined ? {} : { contentEncoding };
  return readMultipart({ contentType: contentType!, ...encoding, body, limits }).files;
}

/** Throws what is not the file's own problem. */
function refusedFile(file: string, error: unknown): RefusedFile {
  if (!(error instanceof ProblemError) || !ONE_FILE_ONLY.has(error.code)) throw error;
  return { file, code: error.code, detail: error.detail, errors: error.extra.errors ?? [] };
}

function nothingAcceptedOf(items: readonly (JobView | RefusedFile)[]): ProblemError {
  const errors = items.map((item) => {
    if ('file' in item) return { ...item };
    return { file: item.source.name, job: item.id, detail: nothingAccepted(item).detail };
  });
  return new ProblemError('no_row_accepted', `none of ${items.length} files has a row that was accepted`, { errors });
}

function nothingAccepted(view: JobView): ProblemError {
  const { received } = view.counts;
  const detail = received === 0 ? 'the body has no row' : `all ${received} rows were rejected; rejectedByCode says why`;
  return new ProblemError('no_row_accepted', detail, { job: view });
}
