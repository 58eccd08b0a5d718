import { Readable } from 'node:stream';
import { parseDurationMs, ProblemError, type JobView } from '@orderstream/contracts';
import type { RepairQuery } from '@orderstream/contracts/dto';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { CompiledStream } from '@orderstream/streams';
import { decodeBody, type BodyLimits } from '../accept/body-decoding.js';
import type { Door } from '../accept/door.js';
import { formatOf } from '../accept/media-type.js';
import { decodeText } from '../accept/text-decoding.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import type { JobReader } from '../track/job-reader.js';
import { RejectExport } from './reject-export.js';
import type { RejectStores } from './open-rejects.js';
import type { Repair } from './repair.js';

export interface RepairRequest {
  readonly id: string;
  readonly body: AsyncIterable<Buffer>;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly query: RepairQuery;
  /** aborted when nobody waits for the answer any more */
  readonly gone: AbortSignal;
}

export interface RepairAnswer {
  readonly status: 200 | 202;
  readonly body: JobView;
}

export interface RejectParts {
  readonly reader: JobReader;
  readonly repair: Repair;
  readonly streamOf: (name: string) => CompiledStream;
  /** of the values of letters */
  readonly schemas: Pick<SchemaCatalog, 'resolve'>;
  /** what a repair has to pass before its body is read */
  readonly door: Pick<Door, 'admitUpload'>;
  readonly limits: BodyLimits;
}

/** The rows of a job that were refused: handed out, and taken back. */
export class Rejects {
  constructor(
    private readonly stores: RejectStores,
    private readonly parts: RejectParts,
  ) {}

  /** The text of `rejects.csv`. Throws `job_not_found` or `store_unavailable` before its first byte. */
  async csv(id: string): Promise<Readable> {
    const view = await this.parts.reader.view(id);
    const job = { id: view.id, segments: view.segments, stream: this.parts.streamOf(view.stream) };
    return orStoreUnavailable(async () => {
      const source = await this.stores.rejects.source(view.id);
      const chunks = new RejectExport(job, source, this.stores, this.parts.schemas).chunks();
      const first = await chunks.next();
      return Readable.from(withFirst(first.value ?? Buffer.alloc(0), chunks), { objectMode: false });
    });
  }

  /** The job once its repaired rows are published, or settled again where that is waited for. */
  async take({ id, body, contentType, contentEncoding, query, gone }: RepairRequest): Promise<RepairAnswer> {
    if (formatOf(contentType) !== 'csv') {
      throw new ProblemError('unsupported_media_type', 'repaired rows come as text/csv, as rejects.csv has them');
    }
    const { chunks } = decodeBody(body, contentEncoding, this.parts.limits);
    const leave = this.parts.door.admitUpload();
    const delimiter = query.delimiter === 'tab' ? '\t' : query.delimiter;
    const text = decodeText(chunks);
    // Not awaited: a chunk that is still asked for may come late.
    const close = () => void text.return(undefined).catch(() => undefined);
    const ignored = await this.parts.repair.run(id, text, delimiter).finally(() => (leave(), close()));
    const view = await this.awaited(id, query, gone);
    const status = view.settledAt === null ? 202 : 200;
    return { status, body: ignored === 0 ? view : { ...view, warnings: [...view.warnings, ignoredLines(ignored)] } };
  }

  private awaited(id: string, { wait, timeout }: RepairQuery, gone: AbortSignal): Promise<JobView> {
    if (wait === 'published') return this.parts.reader.view(id);
    return this.parts.reader.waitSettled(id, parseDurationMs(timeout) ?? 0, gone);
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

const ignoredLines = (count: number): string =>
  `${count} ${count === 1 ? 'line' : 'lines'} of the repair ${count === 1 ? 'is' : 'are'} ignored: no open reject of this job`;
