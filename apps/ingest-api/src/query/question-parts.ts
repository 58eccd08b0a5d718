import type { InjectionToken } from '@nestjs/common';
import { RecordQuestions, type CassandraSession } from '@orderstream/cassandra';
import type { TopicFollower } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import type { IngestConfig } from '../config.js';
import { Tails } from '../tail/tails.js';
import { OpenAnswers } from './open-answers.js';
import { LineageReader } from './order-lineage.js';
import { OrderList } from './order-list.js';
import { queryPartsOf, type QuerySources } from './query-parts.js';
import { RecordAnswers } from './record-answers.js';
import { RecordLookup } from './record-lookup.js';

export interface QuestionSources extends QuerySources {
  readonly store: CassandraSession;
  readonly follower: TopicFollower;
  readonly config: Pick<IngestConfig, 'maxTails'>;
  readonly log: Log;
}

/** What answers questions: about single records, and about those of a stream. */
export function questionPartsOf(sources: QuestionSources): { parts: [InjectionToken, unknown][]; tails: Tails } {
  const { streams, store, tableByStream, jobs, admin: ends, follower, schemas, config, log } = sources;
  const questionsByStream = new Map(
    [...tableByStream].map(([name, table]) => [name, new RecordQuestions(store, table)] as const),
  );
  const orders = streams.orderStreams.map((stream) => ({ stream, questions: questionsByStream.get(stream.name)! }));
  const open = new OpenAnswers();
  const tails = new Tails({ ends, follower, open, schemas }, config.maxTails);
  const parts: [InjectionToken, unknown][] = [
    ...queryPartsOf(sources),
    [RecordAnswers, new RecordAnswers(streams, questionsByStream, open, log)],
    [RecordLookup, new RecordLookup(streams, tableByStream, new LineageReader(jobs))],
    [OrderList, new OrderList(orders)],
    [Tails, tails],
  ];
  return { parts, tails };
}
