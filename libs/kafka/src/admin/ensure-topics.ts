import { retryUntil } from '@orderstream/resilience';
import type { Admin, Kafka } from 'kafkajs';
import { failureOf } from '../kafka-errors.js';
import { compactedOf } from './compacted-topics.js';
import { metadataOfBrokers } from './metadata-of-brokers.js';

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** Default −1: the broker's `default.replication.factor` */
  readonly replicationFactor?: number;
  /** it is somebody else's: an error where it is missing, and any number of partitions is right. Default false */
  readonly mustExist?: boolean;
  /** further topic configuration; `cleanup.policy=delete` unless it says otherwise */
  readonly config?: Readonly<Record<string, string>>;
}

export interface TopicReport {
  readonly topic: string;
  /** made by this call, as far as can be told */
  readonly created: boolean;
  readonly partitions: number;
  /** what the definition says; another number than `partitions` is not an error, but worth a warning */
  readonly expectedPartitions: number;
  /** its definition says `delete` and Kafka removes records from its middle: worth a warning, too */
  readonly unexpectedlyCompacted: boolean;
}

export interface EnsureTopicsOptions {
  readonly signal?: AbortSignal;
  /** Kafka cannot be reached or a leader is missing; the next attempt follows */
  readonly onWaiting?: (error: unknown) => void;
}

const BACKOFF = { initialMs: 200, maxMs: 5_000 } as const;

/**
 * Creates the topics that are missing and waits until each partition has a leader. Two processes may do it at once.
 * Waits for Kafka until the signal aborts; rejects when Kafka refuses (authorisation, an invalid name or setting).
 * Existing topics are never changed, and those of others never made: rejects with TopicsMissingError.
 */
export async function ensureTopics(
  kafka: Kafka,
  specs: readonly TopicSpec[],
  { signal, onWaiting }: EnsureTopicsOptions = {},
): Promise<TopicReport[]> {
  const created = new Set<string>();
  const attempt = async (): Promise<TopicReport[]> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      await createMissing(admin, specs, created);
      return await describe(admin, specs, created);
    } finally {
      await admin.disconnect();
    }
  };
  return retryUntil(attempt, {
    ...BACKOFF,
    ...(signal ? { signal } : {}),
    shouldRetry: (error) => failureOf(error).retriable,
    onRetry: (error) => onWaiting?.(error),
  });
}

async function createMissing(admin: Admin, specs: readonly TopicSpec[], created: Set<string>): Promise<void> {
  const existing = new Set(await metadataOfBrokers(() => admin.listTopics()));
  const absent = specs.filter(({ topic, mustExist }) => mustExist && !existing.has(topic));
  if (absent.length > 0) throw new TopicsMissingError(absent.map(({ topic }) => topic));
  for (const spec of specs) {
    if (existing.has(spec.topic)) continue;
    // One request per topic: a refusal names the one it is about, and another process may be creating the next.
    const isNew = await admin.createTopics({ waitForLeaders: true, topics: [toTopicConfig(spec)] }).catch(onlyRefusal);
    if (isNew) created.add(spec.topic);
  }
}

/** Topics of others that are not there. */
export class TopicsMissingError extends Error {
  readonly code = 'topics_missing';
  readonly retriable = false;

  constructor(readonly topics: readonly string[]) {
    super(
      `These topics do not exist, and their streams say managed: false: ${topics.join(', ')}. Correct the names, make the ` +
        'topics, or leave managed out.',
    );
    this.name = 'TopicsMissingError';
  }
}

/** kafkajs packs the answers for several topics into an aggregate; with one topic its only error is the answer. */
function onlyRefusal(error: unknown): never {
  const errors = (error as { cause?: { errors?: unknown }; errors?: unknown }).errors;
  throw Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
}

function toTopicConfig({ topic, partitions, replicationFactor = -1, config }: TopicSpec) {
  const entries = { 'cleanup.policy': 'delete', ...config };
  return {
    topic,
    numPartitions: partitions,
    replicationFactor,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
  };
}

async function describe(admin: Admin, specs: readonly TopicSpec[], created: Set<string>): Promise<TopicReport[]> {
  const names = specs.map(({ topic }) => topic);
  const { topics } = await metadataOfBrokers(() => admin.fetchTopicMetadata({ topics: names }));
  const compacted = await compactedOf(
    admin,
    specs.filter(isToBeKept).map(({ topic }) => topic),
  );
  const partitionsByTopic = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  return specs.map(({ topic, partitions: expected, mustExist }) => {
    const partitions = partitionsByTopic.get(topic) ?? [];
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0)) throw leaderMissing(topic);
    const unexpectedlyCompacted = compacted?.has(topic) ?? false;
    const counts = { partitions: partitions.length, expectedPartitions: mustExist ? partitions.length : expected };
    return { topic, created: created.has(topic), ...counts, unexpectedlyCompacted };
  });
}

const isToBeKept = ({ config }: TopicSpec): boolean => !config?.['cleanup.policy']?.includes('compact');

function leaderMissing(topic: string): Error {
  return Object.assign(
    new Error(`Topic ${topic} has a partition without a leader; waiting for the brokers to elect one`),
    {
      type: 'LEADER_NOT_AVAILABLE',
      retriable: true,
    },
  );
}
