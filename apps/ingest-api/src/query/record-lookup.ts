import { classify, type FoundRecord, type RecordTable } from '@orderstream/cassandra';
import { ProblemError } from '@orderstream/contracts';
import type { StreamRegistry, Value } from '@orderstream/streams';
import { orStoreUnavailable } from '../problems/store-unavailable.js';
import { streamNamed } from '../problems/stream-named.js';
import type { LineageReader } from './order-lineage.js';
import type { FoundOrder } from './order-lookup.js';
import { readRecordKey } from './record-key.js';

/** One record of a stream by its primary key. */
export class RecordLookup {
  constructor(
    private readonly streams: StreamRegistry,
    private readonly tableByStream: ReadonlyMap<string, RecordTable>,
    private readonly lineages: LineageReader,
  ) {}

  /**
   * `segment` is the key as it stands in the path, not decoded. Throws `stream_not_found`, `bad_parameter`,
   * `record_not_found` and `store_unavailable`.
   */
  async find(name: string, segment: string, { lineage = false } = {}): Promise<Omit<FoundOrder, 'alsoIn'>> {
    const stream = streamNamed(this.streams, name);
    const key = readRecordKey(stream, segment);
    const found = await this.rowOf(this.tableByStream.get(stream.name)!, key);
    if (!found) {
      const shown = JSON.stringify(key.join(','));
      throw new ProblemError(
        'record_not_found',
        `no record ${shown} in ${stream.name}; one just sent may be on its way`,
      );
    }
    const origin = lineage ? { lineage: await this.lineages.of(stream.topic, found) } : {};
    return { stream: stream.name, record: found.record, ...origin };
  }

  private rowOf(table: RecordTable, key: readonly Value[]): Promise<FoundRecord | undefined> {
    return orStoreUnavailable(async () => {
      try {
        return (await table.findByPrimaryKey(key))[0];
      } catch (error) {
        if (classify(error).class === 'permanent') return undefined; // Cassandra says that no such key can exist
        throw error;
      }
    });
  }
}
