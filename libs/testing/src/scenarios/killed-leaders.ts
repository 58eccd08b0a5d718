import type { JobView, Problem } from '@orderstream/contracts';
import { compileStream, OLIST_ORDERS, sampleCsv } from '@orderstream/streams';
import { ApiClient } from '../api-client.js';
import type { ClusterLab } from '../cluster-lab.js';
import { eventually } from '../eventually.js';
import { KafkaTopics, type TopicRecord } from '../kafka-topics.js';
import { LedgerError } from '../ledger.js';
import { PlainProducer } from '../plain-producer.js';
import type { Sandbox } from '../sandbox.js';

export interface KilledLeadersFigures {
  readonly kills: number;
  readonly uploads: number;
  /** uploads that were not answered with success; what they had acknowledged counts */
  readonly brokenOff: number;
  /** rows that a job calls published, over all of them */
  readonly acknowledged: number;
  /** records of these jobs in the log, those sent twice included */
  readonly inLog: number;
  /** a plain producer beside it, with several partitions in one send */
  readonly plain: { readonly acknowledged: number; readonly lost: number };
}

const PARTITIONS = 12;
const ROWS_PER_UPLOAD = 3_000;
const UPLOADS_AT_ONCE = 2;
const RECOVERY_MS = 120_000;

/**
 * Uploads to twelve partitions on three brokers while leaders are SIGKILLed one after the other, each brought back
 * before the next dies. Throws LedgerError when a row that a job calls published is not in the log.
 */
export async function killLeaders(lab: ClusterLab, world: Sandbox, kills: number): Promise<KilledLeadersFigures> {
  const topics = KafkaTopics.on(lab.brokers);
  const topic = world.topic('olist-orders');
  const plainTopic = world.topic('plain');
  for (const name of [topic, plainTopic]) await topics.create(name, { partitions: PARTITIONS });
  await world.api.start();
  const stop = new AbortController();
  const jobs: (JobView | undefined)[] = [];
  const plain = new PlainProducer(lab.brokers, plainTopic, PARTITIONS);
  const load = [
    plain.run(stop.signal),
    ...Array.from({ length: UPLOADS_AT_ONCE }, (_, n) => uploadUntil(stop.signal, world, n, jobs)),
  ];
  try {
    for (let kill = 0; kill < kills; kill++) await killLeader(lab, topics, topic, (kill * 5) % PARTITIONS);
  } finally {
    stop.abort();
    await Promise.all(load);
  }
  const records = recordsByJob(await topics.read(topic));
  const told = jobs.flatMap((job) => job ?? []);
  told.forEach((job) => nothingPublishedIsMissing(job, records.get(job.id) ?? []));
  const plainIds = new Set((await topics.read(plainTopic)).map(({ value }) => String(value)));
  return {
    kills,
    uploads: jobs.length,
    brokenOff: jobs.filter((job) => job?.state !== 'published').length,
    acknowledged: told.reduce((sum, { counts }) => sum + counts.published, 0),
    inLog: told.reduce((sum, { id }) => sum + (records.get(id)?.length ?? 0), 0),
    plain: {
      acknowledged: plain.acknowledged.size,
      lost: [...plain.acknowledged].filter((id) => !plainIds.has(id)).length,
    },
  };
}

/** Ends when the broker is back and every partition has all its replicas in sync. */
async function killLeader(lab: ClusterLab, topics: KafkaTopics, topic: string, partition: number): Promise<void> {
  const { leader } = (await topics.leaders(topic))[partition]!;
  const broker = lab.cluster.kafka[leader - 1]!;
  const { exited } = broker;
  broker.kill('SIGKILL');
  await exited;
  const led = async () => (await topics.leaders(topic)).every((each) => each.leader > 0 && each.leader !== leader);
  await eventually(led, { timeoutMs: RECOVERY_MS, what: `other leaders than broker ${leader}` });
  await broker.restart();
  const whole = async () => (await topics.leaders(topic)).every(({ inSync }) => inSync === 3);
  await eventually(whole, { timeoutMs: RECOVERY_MS, what: 'all replicas in sync' });
}

async function uploadUntil(
  stop: AbortSignal,
  world: Sandbox,
  seed: number,
  jobs: (JobView | undefined)[],
): Promise<void> {
  const api = new ApiClient(world.api.url);
  const stream = compileStream(OLIST_ORDERS);
  for (let n = 0; !stop.aborted; n++) {
    const csv = [...sampleCsv(stream, { rows: ROWS_PER_UPLOAD, seed: seed + n * UPLOADS_AT_ONCE })].join('');
    const { status, body } = await api.post<JobView | (Problem & { job?: JobView })>(csv, '?stream=olist-orders');
    const job = status === 202 ? (body as JobView) : (body as { job?: JobView }).job;
    if (status === 202 && job?.counts.published !== ROWS_PER_UPLOAD)
      throw new LedgerError('nothingLost', `an upload of ${ROWS_PER_UPLOAD} was answered with ${JSON.stringify(job)}`);
    jobs.push(job);
  }
}

function recordsByJob(records: readonly TopicRecord[]): Map<string, TopicRecord[]> {
  const byJob = new Map<string, TopicRecord[]>();
  for (const record of records) {
    const job = String(record.headers['os-job']);
    if (!byJob.has(job)) byJob.set(job, []);
    byJob.get(job)!.push(record);
  }
  return byJob;
}

/** Every segment of the job holds its records in the log, and together they are as many rows as it calls published. */
function nothingPublishedIsMissing({ id, counts, segments }: JobView, records: readonly TopicRecord[]): void {
  const rowByPlace = new Map(records.map((r) => [`${r.partition}:${r.offset}`, String(r.headers['os-row'])]));
  const rows = new Set<string>();
  for (const { partition, base, count } of segments) {
    for (let n = 0n; n < BigInt(count); n++) {
      const place = `${partition}:${BigInt(base) + n}`;
      const row = rowByPlace.get(place);
      if (row === undefined) throw new LedgerError('nothingLost', `job ${id}: the log has no record of it at ${place}`);
      rows.add(row);
    }
  }
  if (rows.size !== counts.published) {
    throw new LedgerError('nothingLost', `job ${id}: ${counts.published} rows published, ${rows.size} in the log`);
  }
}
