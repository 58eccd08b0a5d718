import { withDeadline } from '@orderstream/resilience';
import type { Consumer, Kafka } from 'kafkajs';

/** How much one fetch brings. */
export interface FetchSize {
  readonly maxWaitTimeInMs: number;
  readonly maxBytesPerPartition: number;
  readonly maxBytes: number;
  /** of a request that Kafka could not answer; a new group's coordinator may still be on its way */
  readonly retries: number;
}

const CLEAN_UP_MS = 3_000;

/** A member of a group that exists for one read only; kafkajs has no fetch without a group. */
export function consumerOf(kafka: Kafka, groupId: string, { retries, ...fetch }: FetchSize): Consumer {
  return kafka.consumer({
    groupId,
    ...fetch,
    allowAutoTopicCreation: false,
    // Named, because kafkajs takes shorter ones where NODE_ENV is `test`.
    retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries, restartOnFailure: () => Promise.resolve(false) },
  });
}

/** Bounded, and never a failure of the read: a broker that is away forgets an empty group by itself, later. */
export async function cleanUp(kafka: Kafka, consumer: Consumer, groupId: string): Promise<void> {
  const admin = kafka.admin();
  const work = async (): Promise<void> => {
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
