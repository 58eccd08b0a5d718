import { DeadLetterRepository, JobRepository, migrate, RecordTable } from '@orderstream/cassandra';
import { ORDERS } from '@orderstream/streams';
import { MIGRATION, SCHEMA_TIMEOUT_MS, STREAMS, migratedKeyspace } from './cassandra-store.keyspaces.js';

const keyspaces = migratedKeyspace();

describe('migrations', () => {
  it(
    'bring two processes that start at the same instant to the same tables, and a second start does nothing',
    async () => {
      const keyspace = keyspaces.newKeyspace();
      const [one, two] = await Promise.all([keyspaces.sessionOn(keyspace), keyspaces.sessionOn(keyspace)]);
      const ran = await Promise.all([migrate(one, MIGRATION), migrate(two, MIGRATION)]);
      const numbered = [
        '0001-jobs',
        '0002-idempotency-keys',
        '0003-dead-letters',
        '0004-workers',
        '0005-rejects',
        '0006-job-stops',
        '0007-reject-reading',
        '0008-partition-orders',
        '0009-redrives',
        '0010-overrules',
        '0011-rollups',
      ];
      expect(ran.flat().sort()).toEqual([...numbered, ...STREAMS.map(({ name }) => `stream:${name}`)].sort());
      expect(await migrate(one, MIGRATION)).toEqual([]);
      for (const definition of STREAMS) await new RecordTable(two, definition).prepareAll();
      await new JobRepository(two).prepareAll();
      await new DeadLetterRepository(two).prepareAll();
    },
    SCHEMA_TIMEOUT_MS,
  );

  it(
    'refuse a keyspace in which another version of a numbered migration ran',
    async () => {
      const keyspace = keyspaces.newKeyspace();
      const other = await keyspaces.sessionOn(keyspace);
      await migrate(other, { ...MIGRATION, streams: [] });
      await other.execute(`UPDATE ${keyspace}.schema_migrations SET checksum = 'x' WHERE name = '0003-dead-letters'`);
      await expect(migrate(other, MIGRATION)).rejects.toMatchObject({ code: 'migration_changed' });
    },
    SCHEMA_TIMEOUT_MS,
  );

  it(
    'build a keyspace that was dropped anew',
    async () => {
      const keyspace = keyspaces.newKeyspace();
      const other = await keyspaces.sessionOn(keyspace);
      const streams = [ORDERS];
      const ran = await migrate(other, { ...MIGRATION, streams });
      await other.execute(`DROP KEYSPACE ${keyspace}`, [], { prepared: false, requestTimeoutMs: 30_000 });
      expect(await migrate(other, { ...MIGRATION, streams })).toEqual(ran);
      await new RecordTable(other, ORDERS).prepareAll();
    },
    SCHEMA_TIMEOUT_MS,
  );
});
