import { createKafka } from '@orderstream/kafka';

/** Records per send; their keys spread over all partitions. */
const SEND_ROWS = 120;

/**
 * kafkajs as its documentation uses it: one send for records of several partitions. It loses acknowledged records when a
 * leader dies, so beside the product it shows whether the deaths were of the kind that loses something.
 */
export class PlainProducer {
  readonly acknowledged = new Set<string>();

  constructor(
    private readonly brokers: string,
    private readonly topic: string,
    private readonly partitions: number,
  ) {}

  /** Sends until told to stop. A send that rejects is not acknowledged, and is forgotten. */
  async run(stop: AbortSignal): Promise<void> {
    const producer = createKafka({ brokers: this.brokers.split(','), clientId: 'orderstream-plain' }).producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    await producer.connect();
    try {
      for (let send = 0; !stop.aborted; send++) {
        const ids = Array.from({ length: SEND_ROWS }, (_, n) => `${send}-${n}`);
        const messages = ids.map((id, n) => ({ key: id, value: id, partition: n % this.partitions }));
        await producer.send({ topic: this.topic, acks: -1, messages }).then(
          () => ids.forEach((id) => this.acknowledged.add(id)),
          () => undefined,
        );
      }
    } finally {
      await producer.disconnect();
    }
  }
}
