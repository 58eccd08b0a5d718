import { existsSync, readFileSync, statSync } from 'node:fs';
import cassandra from 'cassandra-driver';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import {
  attachStack,
  DEFAULT_JARS_DIR,
  stackStatus,
  startStack,
  wipeStack,
  type RunningServer,
  type RunningStack,
} from '@orderstream/stack';
import { ALL_SHARD, FIRST_WEEKDAY_SLOT } from '@orderstream/streams';
import { eventually } from '@orderstream/testing';
import { usageOf } from './process-usage.ts';
import { STACK_DIR } from './paths.ts';

export interface ServerCpu {
  readonly kafka: number;
  readonly cassandra: number;
}

export interface Addresses {
  readonly brokers: string;
  readonly contactPoints: string;
}

const PORTS = { kafkaPort: 29_192, controllerPort: 29_193, cqlPort: 29_142, storagePort: 27_100 };
export const DATA_CENTER = 'datacenter1';
const PARTITIONS = 3;
const COUNT_PAGE_ROWS = 2_000;
/** A truncation waits for every table to be flushed. */
const READ_TIMEOUT_MS = 120_000;
/** What Cassandra logs about a batch of too many keys, or of too many bytes. */
const BATCH_WARNING = /Unlogged batch covering|exceeding specified (?:warning )?threshold/;

/** Kafka and Cassandra of the bench, with what its suites ask of them. */
export class Servers {
  readonly kafka: Kafka;
  readonly client: cassandra.Client;
  private readonly stack: RunningStack;
  private readonly admin: Admin;
  private readonly logBegin: number;

  private constructor(stack: RunningStack) {
    this.stack = stack;
    this.kafka = new kafkajs.Kafka({
      brokers: stack.brokers.split(','),
      clientId: 'bench',
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.admin = this.kafka.admin();
    this.client = new cassandra.Client({
      contactPoints: stack.contactPoints.split(','),
      localDataCenter: DATA_CENTER,
      protocolOptions: { maxVersion: 4 },
      socketOptions: { readTimeout: READ_TIMEOUT_MS },
    });
    this.logBegin = sizeOf(server(stack.cassandra).logFile);
  }

  /** Empty, unless `keep` finds those of an earlier run. Each line of `log` is a finished step. */
  static async start(keep: boolean, log: (line: string) => void): Promise<Servers> {
    if (!keep) await removeStack();
    const javaHome = process.env['JAVA_HOME'];
    const java = javaHome === undefined || javaHome === '' ? {} : { javaHome };
    const stack = await startStack({
      dir: STACK_DIR,
      jarsDir: DEFAULT_JARS_DIR,
      ...PORTS,
      ...java,
      keep,
      log,
      commitlogSync: 'periodic',
    });
    const servers = new Servers(stack);
    await servers.admin.connect();
    await servers.client.connect();
    return servers;
  }

  get addresses(): Addresses {
    return { brokers: this.stack.brokers, contactPoints: this.stack.contactPoints };
  }

  async close(keep: boolean): Promise<void> {
    await this.admin.disconnect();
    await this.client.shutdown();
    if (!keep) await this.stack.stop();
  }

  /** CPU seconds since they started. */
  cpu(): ServerCpu {
    return {
      kafka: usageOf(server(this.stack.kafka).pid).cpuSeconds,
      cassandra: usageOf(server(this.stack.cassandra).pid).cpuSeconds,
    };
  }

  /** Does nothing when the topic is there. Resolves when every partition answers. */
  async createTopic(topic: string): Promise<void> {
    await this.admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }] });
    await eventually(() => this.offsets(topic), { what: `topic ${topic}` });
  }

  /** First and next offset of each partition. */
  async offsets(topic: string): Promise<{ begins: Map<number, number>; ends: Map<number, number> }> {
    const partitions = await this.admin.fetchTopicOffsets(topic);
    return {
      begins: new Map(partitions.map(({ partition, low }) => [partition, Number(low)])),
      ends: new Map(partitions.map(({ partition, high }) => [partition, Number(high)])),
    };
  }

  /** Removes its records; offsets go on. */
  async emptyTopic(topic: string): Promise<void> {
    const partitions = (await this.admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
      partition,
      offset: high,
    }));
    await this.admin.deleteTopicRecords({ topic, partitions });
  }

  /** What the group has committed, by partition; a partition without a commit is left out. */
  async committed(groupId: string, topic: string): Promise<Map<number, number>> {
    const [answer] = await this.admin.fetchOffsets({ groupId, topics: [topic] });
    const known = (answer?.partitions ?? []).filter(({ offset }) => Number(offset) >= 0);
    return new Map(known.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  async truncate(table: string): Promise<void> {
    await this.client.execute(`TRUNCATE ${table}`);
  }

  /** Page by page: a COUNT(*) of the whole would run into Cassandra's time limits on a busy machine. */
  async count(table: string): Promise<number> {
    const options = { prepare: true, isIdempotent: true, fetchSize: COUNT_PAGE_ROWS };
    let rows = 0;
    let pageState: string | undefined;
    do {
      const page = await this.client.execute(`SELECT kafka_partition FROM ${table}`, [], { ...options, pageState });
      rows += page.rowLength;
      pageState = page.pageState ?? undefined;
    } while (pageState !== undefined);
    return rows;
  }

  /** Records that statistics of all times have, of every topic. */
  async countedRows(keyspace: string): Promise<number> {
    const query = `SELECT shard, slots, counts FROM ${keyspace}.rollups`;
    let rows = 0;
    // A result is read page by page as it is gone through.
    for await (const row of await this.client.execute(query, [], { prepare: true })) {
      const { shard, slots, counts } = row as unknown as { shard: string; slots: number[]; counts: unknown[] };
      // The slots behind the hours are those of the weekdays, which have the same records.
      if (shard === ALL_SHARD)
        slots.forEach((slot, i) => void (slot < FIRST_WEEKDAY_SLOT && (rows += Number(counts[i]))));
    }
    return rows;
  }

  /** Lines of Cassandra's log about batches above its limits, since the bench began. */
  batchWarnings(): string[] {
    const { logFile } = server(this.stack.cassandra);
    const text = readFileSync(logFile).subarray(this.logBegin).toString();
    return text.split('\n').filter((line) => BATCH_WARNING.test(line));
  }
}

/** Also one that an earlier run kept. */
async function removeStack(): Promise<void> {
  if ((await stackStatus(STACK_DIR)).length > 0) await (await attachStack(STACK_DIR)).stop();
  await wipeStack(STACK_DIR);
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

function server(running: RunningServer | undefined): RunningServer {
  if (!running) throw new Error('the bench has Kafka and Cassandra of its own');
  return running;
}
