import { randomUUID } from 'node:crypto';
import { withDeadline } from '@orderstream/resilience';
import type { Consumer, Kafka } from 'kafkajs';
import { failureOf } from '../kafka-errors.js';

/** How much one fetch brings. */
export interface FetchSize {
  readonly maxWaitTimeInMs: number;
  readonly maxBytesPerPartition: number;
  readonly maxBytes: number;
  /** of a request that Kafka could not answer */
  readonly retries: number;
}

const CLEAN_UP_MS = 3_000;
/** Kafka answers so while the coordinator of a group that is new is chosen, or reads its partition of offsets. */
const COMING_COORDINATOR: ReadonlySet<string> = new Set([
  'group_load_in_progress',
  'group_coordinator_not_available',
  'not_coordinator_for_group',
]);

/**
 * A member of a group that exists for one read only; kafkajs has no fetch without a group. It joins again for as long as
 * the group's coordinator is on its way, which kafkajs does not do by itself: whoever reads sets the bound.
 */
function consumerOf(kafka: Kafka, groupId: string, { retries, ...fetch }: FetchSize): Consumer {
  return kafka.consumer({
    groupId,
    ...fetch,
    allowAutoTopicCreation: false,
    // Named, because kafkajs takes shorter ones where NODE_ENV is `test`.
    retry: {
      initialRetryTime: 300,
      maxRetryTime: 5_000,
      retries,
      restartOnFailure: (error) => Promise.resolve(waitsForCoordinator(error)),
    },
  });
}

/** Tells the listener of the error with which the read has ended; not of those after which the member joins again. */
export function onEnd(consumer: Consumer, listener: (error: Error) => void): void {
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) listener(error);
  });
}

/** True when joining again, a little later, is all that a group needs. */
export function waitsForCoordinator(error: unknown): boolean {
  return COMING_COORDINATOR.has(failureOf(error).code);
}

/** Where a read for one purpose happens. */
export interface PassingGroupOptions {
  /** makes a client per read, because kafkajs keeps something for every group that a client has seen */
  readonly openKafka: () => Kafka;
  /** the group is called `<groupPrefix>-<uuid>` */
  readonly groupPrefix: string;
  readonly fetch: FetchSize;
}

/**
 * Reads as the one member of a group that exists for this read. `until` bounds the reading: it rejects when it is given up,
 * and then whoever reads must end too, as soon as it has joined.
 */
export async function inPassingGroup(
  { openKafka, groupPrefix, fetch }: PassingGroupOptions,
  read: (consumer: Consumer) => Promise<void>,
  until: (reading: Promise<void>) => Promise<void>,
): Promise<void> {
  const kafka = openKafka();
  const groupId = `${groupPrefix}-${randomUUID()}`;
  const consumer = consumerOf(kafka, groupId, fetch);
  const reading = read(consumer);
  try {
    await until(reading);
  } finally {
    await cleanUp(kafka, consumer, { groupId, reading });
  }
}

/**
 * Leaves the group and deletes it once the reading has ended, which somebody has told it to: kafkajs does not leave a group
 * while it is joining it, and the group would keep a dead member for the rest of its session. Waited for only so long, and
 * never a failure of the read: a broker that is away forgets an empty group by itself, later.
 */
async function cleanUp(
  kafka: Kafka,
  consumer: Consumer,
  { groupId, reading }: { readonly groupId: string; readonly reading: Promise<void> },
): Promise<void> {
  const admin = kafka.admin();
  const work = async (): Promise<void> => {
    await reading.catch(() => undefined);
    await consumer.disconnect();
    try {
      await admin.connect();
      await admin.deleteGroups([groupId]);
    } finally {
      await admin.disconnect();
    }
  };
  await withDeadline(work(), CLEAN_UP_MS, () => new Error(`group ${groupId} was not deleted in time`)).catch(
    () => undefined,
  );
}
