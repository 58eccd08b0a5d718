import type { InjectionToken } from '@nestjs/common';
import type { DeadLetterRepository, JobRepository, RecordTable, RejectRepository } from '@orderstream/cassandra';
import type { KafkaAdmin, RecordReader } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import type { StreamRegistry } from '@orderstream/streams';
import type { CommittedOffsets } from '../track/committed-offsets.js';
import type { FlowControl } from '../track/flow-control.js';
import type { JobReader } from '../track/job-reader.js';
import { JobRows } from './job-rows.js';
import { LineageReader } from './order-lineage.js';
import { OrderLookup } from './order-lookup.js';
import { OrderReceipts } from './order-receipts.js';

export interface QuerySources {
  readonly streams: StreamRegistry;
  readonly tableByStream: ReadonlyMap<string, RecordTable>;
  readonly jobs: JobRepository;
  readonly reader: JobReader;
  readonly letters: DeadLetterRepository;
  readonly rejects: RejectRepository;
  readonly admin: KafkaAdmin;
  readonly records: RecordReader;
  readonly offsets: CommittedOffsets;
  readonly flow: FlowControl;
  readonly schemas: SchemaCatalog;
}

/** What answers questions about single records. */
export function queryPartsOf(sources: QuerySources): [InjectionToken, unknown][] {
  const {
    streams,
    tableByStream,
    jobs,
    reader,
    letters,
    rejects,
    admin: ends,
    records,
    offsets,
    flow,
    schemas,
  } = sources;
  const orderTables = streams.orderStreams.map(({ name, topic }) => {
    return { stream: name, topic, table: tableByStream.get(name)! };
  });
  const orderTopics = new Set(orderTables.map(({ topic }) => topic));
  return [
    [OrderLookup, new OrderLookup(orderTables, new LineageReader(jobs))],
    [OrderReceipts, new OrderReceipts({ offsets, ends, letters, flow, reader }, orderTopics)],
    [JobRows, new JobRows({ streams, reader, records, ends, offsets, letters, rejects, schemas })],
  ];
}
