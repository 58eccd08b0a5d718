/**
 * A definition may gain fields: the table is given their columns at the next start, by one of however many processes
 * start, and nothing else about a table ever changes by itself.
 */
import { randomUUID } from 'node:crypto';
import {
  migrate,
  RecordTable,
  StatementRunner,
  type CassandraSession,
  type MigrateOptions,
} from '@orderstream/cassandra';
import type { BatchOutcome, RecordBatch } from '@orderstream/kafka';
import {
  compileStream,
  defineStream,
  LastJob,
  transformRecord,
  type FieldDefinition,
  type StreamDefinition,
} from '@orderstream/streams';
import { SCHEMA_TIMEOUT_MS, TestKeyspaces } from './cassandra-store.keyspaces.js';
import { KafkaRig, newName, until } from './kafka-transport.rig.js';

const keyspaces = new TestKeyspaces();
afterAll(() => keyspaces.close(), SCHEMA_TIMEOUT_MS);

const ID: FieldDefinition = { name: 'id', type: 'text', required: true };
const AMOUNT: FieldDefinition = { name: 'amount', type: 'decimal' };
const COUPON: FieldDefinition = { name: 'coupon', type: 'text' };
const PAID_AT: FieldDefinition = { name: 'paid_at', type: 'timestamp' };

const payments = (fields: readonly FieldDefinition[], change: Partial<StreamDefinition> = {}): StreamDefinition =>
  defineStream({
    name: 'payments',
    description: 'Payments whose definition grows.',
    key: { fields: ['id'], separator: '_' },
    primaryKey: { partition: ['id'], clustering: [] },
    fields,
    ...change,
  });
const V1 = payments([ID, AMOUNT]);
const V2 = payments([ID, AMOUNT, COUPON, PAID_AT], { indexes: ['paid_at'] });

const migration = (definition: StreamDefinition): MigrateOptions => ({ streams: [definition], replication: 1 });

/** One row by the table of that definition. */
async function write(session: CassandraSession, definition: StreamDefinition, json: object): Promise<void> {
  const stream = compileStream(definition);
  const row = stream.readJson(json);
  if (!Array.isArray(row)) throw new Error(JSON.stringify(row));
  const statement = new RecordTable(session, definition).insertStatement(row, { partition: 0, offset: '1' }, 1_000);
  await new StatementRunner(session).executeBatch([statement]);
}

const found = async (session: CassandraSession, definition: StreamDefinition, id: string) =>
  (await new RecordTable(session, definition).findByPrimaryKey([id]))[0]?.record;

describe('a table that exists', () => {
  it(
    'is given the columns of new fields and their index, by one of two processes that start at once',
    async () => {
      const keyspace = keyspaces.newKeyspace();
      const [one, two] = await Promise.all([keyspaces.sessionOn(keyspace), keyspaces.sessionOn(keyspace)]);
      await migrate(one, migration(V1));
      await write(one, V1, { id: 'old', amount: '1.50' });

      const ran = await Promise.all([migrate(one, migration(V2)), migrate(two, migration(V2))]);
      expect(ran.flat()).toEqual(['stream:payments']);
      await new RecordTable(two, V2).prepareAll();
      expect(await found(two, V2, 'old')).toEqual({ id: 'old', amount: '1.50' });
      await write(two, V2, { id: 'new', coupon: 'SPRING', paid_at: '2026-01-01T00:00:00Z' });
      expect(await found(one, V2, 'new')).toEqual({ id: 'new', coupon: 'SPRING', paid_at: '2026-01-01T00:00:00.000Z' });
      expect(await migrate(one, migration(V2))).toEqual([]);
    },
    SCHEMA_TIMEOUT_MS,
  );

  it(
    'keeps the columns that a definition no longer has, and both definitions go on working',
    async () => {
      const session = await keyspaces.sessionOn();
      await migrate(session, migration(V2));
      await write(session, V2, { id: 'a', amount: '2', coupon: 'KEPT' });
      await migrate(session, migration(V1));
      await new RecordTable(session, V1).prepareAll();
      await write(session, V1, { id: 'b', amount: '3' });
      expect(await found(session, V1, 'a')).toEqual({ id: 'a', amount: '2' });
      expect(await found(session, V2, 'a')).toEqual({ id: 'a', amount: '2', coupon: 'KEPT' });
      expect(await found(session, V2, 'b')).toEqual({ id: 'b', amount: '3' });
    },
    SCHEMA_TIMEOUT_MS,
  );

  const REFUSED: [string, StreamDefinition, RegExp][] = [
    [
      'another type',
      payments([ID, { ...AMOUNT, type: 'text' }]),
      /the column amount is decimal in the table and text in the definition.*go back to the definition.*another table/,
    ],
    ['a required field', payments([ID, AMOUNT, { ...COUPON, required: true }]), /coupon \(text\) is missing.*required/],
    [
      'another key',
      payments([{ ...ID, name: 'payment' }, AMOUNT], {
        key: { fields: ['payment'], separator: '_' },
        primaryKey: { partition: ['payment'], clustering: [] },
      }),
      /payment \(text\) is missing.*id is in the primary key of the table/,
    ],
    [
      'a longer key',
      payments([ID, { ...AMOUNT, required: true }], {
        primaryKey: { partition: ['id'], clustering: [{ field: 'amount', order: 'asc' }] },
      }),
      /amount is outside the primary key in the table and a clustering column in the definition/,
    ],
    [
      'a new field beside another type',
      payments([ID, { ...AMOUNT, type: 'text' }, COUPON]),
      /the column amount is decimal in the table/,
    ],
  ];

  it(
    'refuses what is more than new columns, says so, and stays as it was',
    async () => {
      const session = await keyspaces.sessionOn();
      await migrate(session, migration(V1));
      for (const [what, definition, sentence] of REFUSED) {
        const refused = migrate(session, migration(definition));
        await expect(
          refused.catch((error: Error) => Promise.reject(new Error(`${what}: ${error.message}`))),
        ).rejects.toThrow(sentence);
        await expect(migrate(session, migration(definition))).rejects.toMatchObject({
          code: 'table_outdated',
          retriable: false,
        });
      }
      const select = 'SELECT column_name FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?';
      const { rows } = await session.execute(select, [session.keyspace, 'payments']);
      expect(rows.map((row) => row['column_name']).sort()).toEqual(
        ['amount', 'id', 'job_id', 'job_row', 'kafka_offset', 'kafka_partition'].sort(),
      );
      await expect(migrate(session, migration(V1))).resolves.toEqual([]);
    },
    SCHEMA_TIMEOUT_MS,
  );
});

describe('a live topic, from one definition to the next without a stop', () => {
  const rig = new KafkaRig();
  beforeAll(() => rig.connect());
  afterEach(() => rig.closeSinks());
  afterAll(() => rig.close());

  const LEAD = 100;

  /** What a sink of that definition does with a batch. */
  const handler =
    (session: CassandraSession, definition: StreamDefinition, seen: Set<string>) =>
    async (batch: RecordBatch): Promise<BatchOutcome> => {
      const stream = compileStream(definition);
      const table = new RecordTable(session, definition);
      const lastJob = new LastJob();
      const statements = batch.records.map((record) => {
        const done = transformRecord(stream, record, lastJob);
        if (done.kind === 'refused') throw new Error(done.fault.reason);
        seen.add(record.key!.toString());
        return table.writeStatement(done, { partition: batch.partition, offset: record.offset });
      });
      for (const statement of statements) {
        await batch.heartbeat();
        await new StatementRunner(session).executeBatch([statement]);
      }
      return { finished: batch.records.length, verdict: 'ok' };
    };

  it(
    'stores every record of old and new producers, by old and new sinks',
    async () => {
      const keyspace = keyspaces.newKeyspace();
      const [oldStore, newStore] = await Promise.all([keyspaces.sessionOn(keyspace), keyspaces.sessionOn(keyspace)]);
      await migrate(oldStore, migration(V1));
      const topic = await rig.newTopic(1);
      const groupId = newName();
      const sent = new Map<string, object>();
      const send = async (record: { id: string }): Promise<void> => {
        await rig.producer.send(topic, 0, [{ key: record.id, value: JSON.stringify(record) }]);
        sent.set(record.id, record);
      };
      const running = new AbortController();
      let produced = 0;
      const bySink = { old: new Set<string>(), new: new Set<string>() };
      // It is quicker than a sink that writes row by row, and waits for it once it has a lead.
      const isAhead = () => produced - new Set([...bySink.old, ...bySink.new]).size >= LEAD;
      const oldProducer = (async () => {
        for (; !running.signal.aborted; produced++) {
          await send({ id: `v1-${produced}`, ...{ amount: '1' } });
          if (produced % LEAD === 0) await until(() => running.signal.aborted || !isAhead());
        }
      })();

      const oldSink = await rig.sink([topic], handler(oldStore, V1, bySink.old), { groupId });
      await until(() => bySink.old.size > 0);
      await migrate(newStore, migration(V2));
      const early = `early-${randomUUID()}`;
      await send({ id: early, ...{ amount: '2', coupon: 'EARLY' } });
      await until(() => bySink.old.has(early));
      await rig.sink([topic], handler(newStore, V2, bySink.new), { groupId });
      await oldSink.close();
      await until(() => bySink.new.size > 0);
      for (let i = 0; i < 20; i++) await send({ id: `v2-${i}`, ...{ amount: '3', coupon: 'SPRING' } });
      running.abort();
      await oldProducer;

      // A record that was sent again after a lost answer stands there twice.
      await rig.commits(groupId, topic, (await rig.admin.fetchEnds([topic])).get(topic)!.get(0)!.high);
      for (const [id, record] of sent) {
        if (id !== early) expect(await found(newStore, V2, id)).toEqual(record);
      }
      // The old sink knows no coupon; the new one does, where that record came to it again.
      expect(await found(newStore, V2, early)).toMatchObject({ id: early, amount: '2' });
      expect([...bySink.new].some((id) => id.startsWith('v1-'))).toBe(true);
    },
    SCHEMA_TIMEOUT_MS,
  );
});
