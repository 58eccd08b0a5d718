import { parseDurationMs, ProblemError, type IngestQuery, type JobView } from '@orderstream/contracts';
import type { StreamRegistry } from '@orderstream/streams';
import { Backends } from '../operate/backends.js';
import { streamNamed } from '../problems/stream-named.js';
import type { SinglePublisher } from '../publish/single-publisher.js';
import type { JobReader } from '../track/job-reader.js';
import type { BodyLimits } from './body-decoding.js';
import { readMultipart } from './multipart-reader.js';
import { openBody, type BodyToOpen, type OpenedBody } from './open-body.js';
import type { Upload } from './upload.js';

export interface IngestRequest {
  readonly body: AsyncIterable<Buffer>;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly query: IngestQuery;
}

export interface IngestAnswer {
  readonly status: 200 | 202;
  readonly location?: string;
  readonly body: unknown;
}

export interface IngestParts {
  readonly streams: StreamRegistry;
  readonly backends: Backends;
  readonly single: SinglePublisher;
  readonly upload: Upload;
  readonly reader: JobReader;
}

/** `POST /ingest`: the kind of body, the job or record it becomes, and the answer. */
export class IngestService {
  constructor(
    private readonly parts: IngestParts,
    private readonly limits: BodyLimits,
  ) {}

  receive(request: IngestRequest): Promise<IngestAnswer> {
    return /^multipart\/form-data/i.test(request.contentType ?? '') ? this.files(request) : this.one(request);
  }

  private async one(request: IngestRequest): Promise<IngestAnswer> {
    if (!/^application\/json/i.test(request.contentType ?? '')) this.requireStore(); // before the body is read
    const opened = await openBody(this.toOpen(request, request.body));
    if (opened.single) return { status: 202, body: await this.parts.single.publish(opened.stream, opened.single) };
    this.requireStore();
    const view = await this.awaited(await this.parts.upload.receive(opened, 'body'), request.query);
    if (view.counts.accepted === 0) throw nothingAccepted(view);
    const settled = request.query.wait === 'stored' && view.settledAt !== null;
    return { status: settled ? 200 : 202, location: view.links.self, body: view };
  }

  /** Every file is a job of its own, one after another. A file that is refused does not cost the others anything. */
  private async files(request: IngestRequest): Promise<IngestAnswer> {
    this.requireStore();
    const { contentType, contentEncoding, body } = request;
    const encoding = contentEncoding === undefined ? {} : { contentEncoding };
    const { files } = readMultipart({ contentType: contentType!, ...encoding, body, limits: this.limits });
    const items: unknown[] = [];
    for await (const file of files) {
      const { filename, contentType: type, stream } = file;
      const opened = await openBody({ ...this.toOpen(request, stream, type), ...(filename && { fileName: filename }) });
      const id = await this.receiveFile(opened, filename ?? file.field);
      items.push(await this.awaited(id, request.query));
    }
    const settled = request.query.wait === 'stored' && items.every((item) => (item as JobView).settledAt !== null);
    return { status: settled ? 200 : 202, body: { items, next: null } };
  }

  private receiveFile(opened: OpenedBody, name: string): Promise<string> {
    if (!opened.single) return this.parts.upload.receive(opened, name);
    throw new ProblemError('unsupported_media_type', `file ${name} is one JSON object; send it as the body, or an array`);
  }

  private toOpen({ query, contentType, contentEncoding }: IngestRequest, body: AsyncIterable<Buffer>, partType?: string): BodyToOpen {
    const stream = query.stream === undefined ? undefined : streamNamed(this.parts.streams, query.stream);
    const delimiter = query.delimiter === 'tab' ? '\t' : query.delimiter;
    const options = { registry: this.parts.streams, extra: query.extra, delimiter, ...(stream && { stream }) };
    // The encoding of a multipart body is undone before its parts are told apart.
    const encoding = partType === undefined && contentEncoding !== undefined ? { contentEncoding } : {};
    return { contentType: partType ?? contentType, ...encoding, body, options, limits: this.limits };
  }

  private requireStore(): void {
    if (this.parts.backends.storeUp()) return;
    throw new ProblemError('store_unavailable', 'Cassandra does not answer, so no job can be made; single records are taken', {
      retryAfterSeconds: 2,
    });
  }

  private awaited(id: string, query: IngestQuery): Promise<JobView> {
    if (query.wait === 'published') return this.parts.reader.view(id);
    return this.parts.reader.waitSettled(id, parseDurationMs(query.timeout) ?? 0);
  }
}

function nothingAccepted(view: JobView): ProblemError {
  const { received } = view.counts;
  const detail = received === 0 ? 'the body has no row' : `all ${received} rows were rejected; rejectedByCode says why`;
  return new ProblemError('no_row_accepted', detail, { job: view });
}
