import { randomUUID } from 'node:crypto';
import {
  scanForStats,
  type CassandraSession,
  type RecountRepository,
  type RollupRepository,
  type Statement,
  type StatementRunner,
} from '@orderstream/cassandra';
import type { StatsRecount } from '@orderstream/contracts';
import type { Log } from '@orderstream/observability';
import { Limiter } from '@orderstream/resilience';
import { exactSource, statsFingerprint, type CompiledStream, type StreamRegistry } from '@orderstream/streams';
import { ProofQueue } from '../generate/proof-queue.js';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import { TableCount } from './table-count.js';

/** Buckets on their way to Cassandra at once. */
const WRITES_AT_ONCE = 32;

export interface RecounterParts {
  readonly streams: StreamRegistry;
  readonly store: CassandraSession;
  readonly runner: Pick<StatementRunner, 'executeBatch'>;
  readonly rollups: RollupRepository;
  readonly recounts: RecountRepository;
  readonly log: Log;
}

/**
 * Counts whole tables, one at a time per process. The buckets of a count are written beside those of the one before,
 * which answers until the new one is complete.
 */
export class Recounter {
  private readonly proofs = new ProofQueue<StatsRecount>('stream');

  constructor(private readonly parts: RecounterParts) {}

  /**
   * Throws `stream_not_found`, `too_many_groups`, `too_many_requests`, `store_unavailable`, and the signal's reason: what
   * nobody waits for ends.
   */
  async recount(name: string, signal: AbortSignal): Promise<StatsRecount> {
    const stream = streamNamed(this.parts.streams, name);
    return this.proofs.run(name, (stopped) => orStoreUnavailable(() => this.count(stream, stopped)), signal);
  }

  private async count(stream: CompiledStream, signal: AbortSignal): Promise<StatsRecount> {
    const id = randomUUID();
    const asOfMs = Date.now();
    const shards = new Set<string>();
    try {
      const records = await this.countTable(stream, { source: exactSource(id), shards, signal });
      const before = await this.parts.recounts.find(stream.name);
      const stats = statsFingerprint(stream.definition);
      await this.parts.recounts.put({ stream: stream.name, id, stats, asOfMs, records, shards: [...shards] });
      if (before) await this.remove(exactSource(before.id), before.shards);
      const seconds = (Date.now() - asOfMs) / 1000;
      const answer = {
        id,
        stream: stream.name,
        kind: 'exact',
        asOf: new Date(asOfMs).toISOString(),
        records,
        seconds,
      } as const;
      this.parts.log.info({ recount: id, stream: stream.name, records, seconds }, 'recounted');
      return answer;
    } catch (error) {
      await this.remove(exactSource(id), [...shards]);
      throw error;
    }
  }

  /** The number of rows. */
  private async countTable(
    { definition }: CompiledStream,
    { source, shards, signal }: { readonly source: string; readonly shards: Set<string>; readonly signal: AbortSignal },
  ): Promise<number> {
    const pass = async (count: TableCount): Promise<TableCount> => {
      await scanForStats(this.parts.store, definition, (rows) => count.add(rows), { signal });
      await this.write(count, source, shards);
      return count;
    };
    const first = await pass(new TableCount(definition));
    for (let left = first.left; left.length > 0;) left = (await pass(new TableCount(definition, left, false))).left;
    return first.records;
  }

  private async write(count: TableCount, source: string, shards: Set<string>): Promise<void> {
    const { rollups, runner } = this.parts;
    const limiter = new Limiter(WRITES_AT_ONCE);
    const send = (statement: Statement) => limiter.run(() => runner.executeBatch([statement]));
    const work: Promise<void>[] = [];
    for (const { partition, gain } of count.gains()) {
      shards.add(gain.key.shard);
      work.push(send(rollups.putStatement({ source, partition, key: gain.key }, gain.values)));
    }
    await Promise.all(work);
  }

  /** What is left behind takes room and nothing else. */
  private async remove(source: string, shards: readonly string[]): Promise<void> {
    const limiter = new Limiter(WRITES_AT_ONCE);
    const removed = await Promise.allSettled(
      shards.map((shard) => limiter.run(() => this.parts.rollups.deleteShard(source, shard))),
    );
    const failed = removed.find((each) => each.status === 'rejected');
    if (failed)
      this.parts.log.warn({ source, error: failed.reason as unknown }, 'buckets of a recount were left behind');
  }
}
