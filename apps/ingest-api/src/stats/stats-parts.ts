import type { InjectionToken } from '@nestjs/common';
import { RecountRepository, RollupRepository, StatementRunner, type CassandraSession } from '@orderstream/cassandra';
import type { TopicIds } from '@orderstream/kafka';
import type { Log } from '@orderstream/observability';
import type { StreamRegistry } from '@orderstream/streams';
import { AccountReader } from './account-reader.js';
import { KnownTopicIds } from './known-topic-ids.js';
import { Recounter } from './recounter.js';
import { StatsReader } from './stats-reader.js';

export interface StatsSources {
  readonly streams: StreamRegistry;
  readonly store: CassandraSession;
  readonly topicIds: TopicIds;
  readonly log: Log;
}

/** What answers with statistics, and what has statements to prepare. */
export function statsPartsOf({ streams, store, topicIds, log }: StatsSources) {
  const rollups = new RollupRepository(store);
  const recounts = new RecountRepository(store);
  const known = new KnownTopicIds(topicIds);
  const reader = new StatsReader(streams, rollups, recounts, new AccountReader(rollups), known);
  const recounter = new Recounter({ streams, store, runner: new StatementRunner(store), rollups, recounts, log });
  const parts: [InjectionToken, unknown][] = [
    [StatsReader, reader],
    [Recounter, recounter],
  ];
  return { parts, prepared: [rollups, recounts] };
}
