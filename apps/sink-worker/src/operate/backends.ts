import type { CassandraSession } from '@orderstream/cassandra';
import type { SchemaCatalog } from '@orderstream/schemas';

/** What the worker waits for when it is away. */
export class Backends {
  constructor(
    private readonly store: Pick<CassandraSession, 'isUp'>,
    private readonly schemas: Pick<SchemaCatalog, 'away'>,
  ) {}

  /** Why records wait for it; undefined: none do. */
  get cassandraAway(): string | undefined {
    return this.store.isUp() ? undefined : 'away; records wait';
  }

  get registryAway(): string | undefined {
    const { away } = this.schemas;
    return away === undefined ? undefined : `records wait: ${away}`;
  }
}
