import type { RecordTable } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { PartitionProducer } from '@orderstream/kafka';
import { RowFaults } from '@orderstream/streams';
import type { RowEncoder, ValueEncoding } from '../publish/value-encoding.js';
import { RejectLimit, type Taken } from '../reject/reject-limit.js';
import { columnsOf, partitionsOf, wouldFail, zoneSuggestion, type DryRunReport } from './dry-run-report.js';
import { DryRunTally } from './dry-run-tally.js';
import { noFile } from './multipart-files.js';
import { openBody, type BodyToOpen, type OpenedBody } from './open-body.js';
import type { RowBatch } from './row-batch.js';

export interface DryRunParts {
  readonly producer: Pick<PartitionProducer, 'partitionCount'>;
  readonly values: Pick<ValueEncoding, 'of'>;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  /** records per second that the sink stores */
  readonly flow: {
    /** undefined until the sink was seen at work */
    readonly seenDrainRate: number | undefined;
    drainRateOf(topic: string, partition: number): number;
  };
}

export interface DryRunSource {
  readonly name: string;
  /** it is a file of a multipart body */
  readonly isFile: boolean;
  readonly maxRejects?: string | undefined;
}

/** `?dryRun=true`: reads a body as an upload would, publishes nothing, makes no job, and says what would happen. */
export class DryRun {
  constructor(private readonly parts: DryRunParts) {}

  /** Throws ProblemError where the upload would be refused as a whole, and what the body throws. */
  async examine(toOpen: BodyToOpen, source: DryRunSource): Promise<DryRunReport> {
    const times = { all: 0, local: 0 };
    const onTimestamp = (isLocal: boolean): void => {
      times.all++;
      if (isLocal) times.local++;
    };
    const { options } = toOpen;
    const reading = { ...options.reading, onTimestamp };
    const body = await openBody({ ...toOpen, options: { ...options, reading } });
    if (body.single && source.isFile) throw noFile();
    const { tally, failure } = await this.tallyOf(body, RejectLimit.of(source.maxRejects));
    const hints = [...body.hints.suggestions(), ...(reading.timeZone === undefined ? zoneSuggestion(times) : [])];
    const byHeader = body.header ? 'header' : 'fields';
    return {
      dryRun: true,
      stream: body.stream.name,
      recognisedBy: options.stream ? 'parameter' : byHeader,
      format: body.format,
      source: { name: source.name, ...body.digest.soFar() },
      columns: columnsOf(body, tally),
      ignored: body.header?.mapping.surplus ?? [],
      counts: { received: tally.accepted + tally.rejected, accepted: tally.accepted, rejected: tally.rejected },
      rejectedByCode: tally.rejectedByCode,
      rejects: tally.rejects,
      wouldFail: failure && wouldFail(failure),
      suggestions: hints,
      blanks: tally.blanks,
      partitions: partitionsOf(tally),
      hottestKeys: tally.keys.hottest(),
      existingKeys: await tally.sample.existing(this.parts.tableByStream.get(body.stream.name)!),
      estimatedSeconds: this.estimate(body.stream.topic, tally.rowsByPartition),
      warnings: body.warnings,
    };
  }

  /** Reads no further than the upload would. */
  private async tallyOf(body: OpenedBody, limit: RejectLimit): Promise<Examined> {
    const { single } = body;
    body.digest.expect(undefined);
    const tally = new DryRunTally(await this.encoderFor(body), await this.partitionsFor(body));
    if (single) tally.add(batchOf(body, single));
    let lastRow = 0;
    for await (const whole of body.batches) {
      const { batch, stop } = limit.cut(whole, takenOf(tally));
      tally.add(batch);
      if (stop !== undefined) return { tally, failure: limit.passed(takenOf(tally), stop) };
      lastRow = Math.max(lastRow, batch.rowNumbers.at(-1) ?? 0, batch.rejects.at(-1)?.row ?? 0);
    }
    return { tally, failure: single ? null : limit.overAtEnd(takenOf(tally), lastRow) };
  }

  private async encoderFor(body: OpenedBody): Promise<RowEncoder> {
    try {
      return this.parts.values.of(body.stream);
    } catch (error) {
      await body.close();
      throw error;
    }
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

  /** Partitions drain beside each other: the slowest one decides. */
  private estimate(topic: string, rowsByPartition: readonly number[]): number | null {
    const { flow } = this.parts;
    if (flow.seenDrainRate === undefined) return null;
    const seconds = rowsByPartition.map((rows, partition) => rows / flow.drainRateOf(topic, partition));
    return Math.round(Math.max(...seconds) * 10) / 10;
  }
}

interface Examined {
  readonly tally: DryRunTally;
  /** what would end the upload */
  readonly failure: ProblemError | null;
}

const takenOf = ({ accepted, rejected }: DryRunTally): Taken => ({
  received: accepted + rejected,
  rejectedAtDoor: rejected,
});

/** A body of one JSON object, as a batch of one row. */
function batchOf({ stream }: OpenedBody, single: NonNullable<OpenedBody['single']>): RowBatch {
  return single instanceof RowFaults
    ? { stream, rows: [], rowNumbers: [], rejects: [{ row: 0, faults: single.faults, raw: '' }] }
    : { stream, rows: [single], rowNumbers: [0], rejects: [] };
}
