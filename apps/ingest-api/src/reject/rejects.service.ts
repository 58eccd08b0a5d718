import { Readable } from 'node:stream';
import { parseDurationMs, ProblemError, type JobView } from '@orderstream/contracts';
import type { RepairQuery } from '@orderstream/contracts/dto';
import type { CompiledStream } from '@orderstream/streams';
import { decodeBody, type BodyLimits } from '../accept/body-decoding.js';
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
}

export interface RepairAnswer {
  readonly status: 200 | 202;
  readonly body: JobView;
}

/** What a repair has to pass before its body is read. */
export interface RepairDoor {
  readonly limits: BodyLimits;
  /** throws `store_unavailable` or `lag_too_high` */
  requireRoom(): void;
}

/** The rows of a job that were refused: handed out, and taken back. */
export class Rejects {
  constructor(
    private readonly stores: RejectStores,
    private readonly reader: JobReader,
    private readonly repair: Repair,
    private readonly streamOf: (name: string) => CompiledStream,
    private readonly door: RepairDoor,
  ) {}

  /** The text of `rejects.csv`. Throws `job_not_found` or `store_unavailable` before its first byte. */
  async csv(id: string): Promise<Readable> {
    const view = await this.reader.view(id);
    const job = { id: view.id, segments: view.segments, stream: this.streamOf(view.stream) };
    return orStoreUnavailable(async () => {
      const source = await this.stores.rejects.source(view.id);
      const chunks = new RejectExport(job, source, this.stores).chunks();
      const first = await chunks.next();
      return Readable.from(withFirst(first.value ?? Buffer.alloc(0), chunks), { objectMode: false });
    });
  }

  /** The job once its repaired rows are published, or settled again where that is waited for. */
  async take({ id, body, contentType, contentEncoding, query }: RepairRequest): Promise<RepairAnswer> {
    if (formatOf(contentType) !== 'csv') {
      throw new ProblemError('unsupported_media_type', 'repaired rows come as text/csv, as rejects.csv has them');
    }
    const { chunks } = decodeBody(body, contentEncoding, this.door.limits);
    this.door.requireRoom();
    const delimiter = query.delimiter === 'tab' ? '\t' : query.delimiter;
    const text = decodeText(chunks);
    // Not awaited: a chunk that is still asked for may come late.
    const close = () => void text.return(undefined).catch(() => undefined);
    const ignored = await this.repair.run(id, text, delimiter).finally(close);
    const view = await this.awaited(id, query);
    const status = view.settledAt === null ? 202 : 200;
    return { status, body: ignored === 0 ? view : { ...view, warnings: [...view.warnings, ignoredLines(ignored)] } };
  }

  private awaited(id: string, { wait, timeout }: RepairQuery): Promise<JobView> {
    if (wait === 'published') return this.reader.view(id);
    return this.reader.waitSettled(id, parseDurationMs(timeout) ?? 0);
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

const ignoredLines = (count: number): string =>
  `${count} ${count === 1 ? 'line' : 'lines'} of the repair ${count === 1 ? 'is' : 'are'} ignored: no open reject of this job`;
