import { ProblemError } from '@orderstream/contracts';
import type { StreamRegistry } from '@orderstream/streams';
import type { Receipt, SinglePublisher } from '../publish/single-publisher.js';
import type { JobReader } from '../track/job-reader.js';
import type { BodyLimits } from './body-decoding.js';
import type { Door } from './door.js';
import type { DryRun } from './dry-run.js';
import { examineBody } from './dry-run-request.js';
import {
  awaitedView,
  bodyToOpen,
  keyOf,
  nothingAccepted,
  readingTextOf,
  type IngestAnswer,
  type IngestRequest,
} from './ingest-request.js';
import type { KeyedAnswer, KeyedUpload } from './keyed-upload.js';
import { formatOf, isMultipart } from './media-type.js';
import { MultipartUpload } from './multipart-upload.js';
import { openBody, type OpenedBody } from './open-body.js';
import { readingOptionsOf } from './reading-query.js';
import type { Upload } from './upload.js';

export interface IngestParts {
  readonly door: Door;
  readonly streams: StreamRegistry;
  readonly single: SinglePublisher;
  readonly upload: Upload;
  readonly keyed: KeyedUpload;
  readonly reader: JobReader;
  readonly dryRun: DryRun;
}

/** `POST /ingest`: the kind of body, the job or record it becomes, and the answer. */
export class IngestService {
  private readonly opening: { readonly registry: StreamRegistry; readonly limits: BodyLimits };

  constructor(
    private readonly parts: IngestParts,
    limits: BodyLimits,
  ) {
    this.opening = { registry: parts.streams, limits };
  }

  async receive(request: IngestRequest): Promise<IngestAnswer> {
    readingOptionsOf(request.query); // a wrong one is told before anything is read
    if (request.query.dryRun) return this.examine(request);
    if (!isMultipart(request.contentType)) return this.one(request);
    const receive = this.received.bind(this);
    return new MultipartUpload({ ...this.parts, ...this.opening, door: this.parts.door, receive }).receive(request);
  }

  private async examine(request: IngestRequest): Promise<IngestAnswer> {
    const leave = this.parts.door.dryRuns.take();
    try {
      return { status: 200, body: await examineBody(request, this.parts.dryRun, this.opening) };
    } finally {
      leave();
    }
  }

  private async one(request: IngestRequest): Promise<IngestAnswer> {
    const published = await this.published(request);
    if ('receipt' in published) return { status: 202, body: published };
    const view = await awaitedView(this.parts.reader, published.id, request);
    const problem = nothingAccepted(view);
    if (problem) throw problem;
    const settled = request.query.wait === 'stored' && view.settledAt !== null;
    return { status: settled ? 200 : 202, location: view.links.self, replayed: published.replayed, body: view };
  }

  /** Whether JSON is one record shows in its first byte, so only what is known to be an upload is refused before. */
  private async published(request: IngestRequest): Promise<KeyedAnswer | Receipt> {
    const { door } = this.parts;
    const isJson = formatOf(request.contentType) === 'json';
    let leave = isJson ? door.json.take() : door.admitUpload();
    try {
      const key = keyOf(request);
      if (key !== undefined && (!isJson || door.isStoreUp)) await this.parts.keyed.refuseRunning(key);
      const opened = await openBody(bodyToOpen(request, this.opening));
      if (opened.single) return await this.singlePublished(opened.stream, opened.single, key);
      if (isJson) {
        leave();
        leave = await this.admitted(opened);
      }
      return await this.received(opened, 'body', request, key);
    } finally {
      leave();
    }
  }

  private singlePublished(
    stream: OpenedBody['stream'],
    row: NonNullable<OpenedBody['single']>,
    key: string | undefined,
  ): Promise<Receipt> {
    if (key === undefined) return this.parts.single.publish(stream, row);
    const detail =
      'one JSON object makes no job, so nothing would know its Idempotency-Key again. Send it without one, or as an ' +
      'array of one object, which makes a job.';
    throw new ProblemError('idempotency_key_not_supported', detail);
  }

  private async admitted(opened: OpenedBody): Promise<() => void> {
    try {
      return this.parts.door.admitUpload();
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  private async received(
    body: OpenedBody,
    name: string,
    request: IngestRequest,
    key: string | undefined,
  ): Promise<KeyedAnswer> {
    if (key === undefined) return { id: await this.parts.upload.receive(body, name, request.query), replayed: false };
    return this.parts.keyed.receive(body, name, { key, options: readingTextOf(request), rules: request.query });
  }
}
