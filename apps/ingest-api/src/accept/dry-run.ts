import type { RecordTable } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { PartitionProducer } from '@orderstream/kafka';
import { RowFaults } from '@orderstream/streams';
import { columnsOf, partitionsOf, zoneSuggestion, type DryRunReport } from './dry-run-report.js';
import { DryRunTally } from './dry-run-tally.js';
import { openBody, type BodyToOpen, type OpenedBody } from './open-body.js';
import type { RowBatch } from './row-batch.js';

export interface DryRunParts {
  readonly producer: Pick<PartitionProducer, 'partitionCount'>;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  /** records per second that the sink stores now; 0 while none were seen */
  readonly drainRate: () => number;
}

/** `?dryRun=true`: reads a body as an upload would, publishes nothing, makes no job, and says what would happen. */
export class DryRun {
  constructor(private readonly parts: DryRunParts) {}

  /** Throws ProblemError where the upload would be refused as a whole, and what the body throws. */
  async examine(toOpen: BodyToOpen, sourceName: string): Promise<DryRunReport> {
    const times = { all: 0, local: 0 };
    const onTimestamp = (isLocal: boolean): void => {
      times.all++;
      if (isLocal) times.local++;
    };
    const { options } = toOpen;
    const reading = { ...options.reading, onTimestamp };
    const body = await openBody({ ...toOpen, options: { ...options, reading } });
    const tally = await this.tallyOf(body);
    const hints = [...body.hints.suggestions(), ...(reading.timeZone === undefined ? zoneSuggestion(times) : [])];
    const byHeader = body.header ? 'header' : 'fields';
    return {
      dryRun: true,
      stream: body.stream.name,
      recognisedBy: options.stream ? 'parameter' : byHeader,
      format: body.format,
      source: { name: sourceName, ...body.digest.soFar() },
      columns: columnsOf(body, tally),
      ignored: body.header?.mapping.surplus ?? [],
      counts: { received: tally.accepted + tally.rejected, accepted: tally.accepted, rejected: tally.rejected },
      rejectedByCode: tally.rejectedByCode,
      rejects: tally.rejects,
      suggestions: hints,
      blanks: tally.blanks,
      partitions: partitionsOf(tally),
      hottestKeys: tally.keys.hottest(),
      existingKeys: await tally.sample.existing(this.parts.tableByStream.get(body.stream.name)!),
      estimatedSeconds: this.estimate(tally.accepted),
      warnings: body.warnings,
    };
  }

  private async tallyOf(body: OpenedBody): Promise<DryRunTally> {
    const { stream, single } = body;
    body.digest.expect(undefined);
    const tally = new DryRunTally(stream, await this.partitionsFor(body));
    if (single) tally.add(batchOf(body, single));
    for await (const batch of body.batches) tally.add(batch);
    return tally;
  }

  private async partitionsFor(body: OpenedBody): Promise<number> {
    try {
      return await this.parts.producer.partitionCount(body.stream.topic);
    } catch (cause) {
      await body.close();
      const detail = 'Kafka does not say how many partitions the topic has; try again';
      throw new ProblemError('broker_unavailable', detail, { retryAfterSeconds: 2, cause });
    }
  }

  private estimate(rows: number): number | null {
    const rate = this.parts.drainRate();
    return rate > 0 ? Math.round((rows / rate) * 10) / 10 : null;
  }
}

/** A body of one JSON object, as a batch of one row. */
function batchOf({ stream }: OpenedBody, single: NonNullable<OpenedBody['single']>): RowBatch {
  return single instanceof RowFaults
    ? { stream, rows: [], rowNumbers: [], rejects: [{ row: 0, faults: single.faults, raw: '' }] }
    : { stream, rows: [single], rowNumbers: [0], rejects: [] };
}
