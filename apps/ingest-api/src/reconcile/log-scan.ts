import { ProblemError } from '@orderstream/contracts';
import type { KafkaRecord, LogReader } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import { registryAway } from '../problems/registry-away.js';
import type { Windows } from './reconcile-windows.js';

const SCHEMA_DEADLINE_MS = 5_000;

/** Reads one topic, with the schemas that its records name; every failure of Kafka becomes `broker_unavailable`. */
export class LogScan {
  constructor(
    private readonly reader: LogReader,
    private readonly topic: string,
    private readonly schemas: Pick<SchemaCatalog, 'resolve'>,
    private readonly signal: AbortSignal,
  ) {}

  /** Throws `broker_unavailable`, `registry_unavailable`, and the signal's reason. */
  async scan(windows: Windows, visit: (partition: number, record: KafkaRecord) => void): Promise<void> {
    const visitAll = async (partition: number, records: readonly KafkaRecord[]): Promise<void> => {
      const { readable } = await this.schemas.resolve(records, SCHEMA_DEADLINE_MS);
      if (readable < records.length) throw registryAway();
      for (const record of records) visit(partition, record);
    };
    await orBrokerFailed(() => this.reader.scan(this.topic, windows, visitAll, this.signal));
  }
}

/** The work's outcome; any failure of it that is not a problem yet becomes `broker_unavailable`. */
export async function orBrokerFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('broker_unavailable', 'Kafka did not answer; try again', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
}
