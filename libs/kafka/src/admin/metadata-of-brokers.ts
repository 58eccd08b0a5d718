/** kafkajs asks each broker it knows for metadata, drops what they answer if it is an error, and reads on in null. */
const READ_ON_IN_NULL = /\bnull\b/;

/**
 * What `ask`, a call of an admin client that reads metadata, answers. Where kafkajs (2.2.4, `BrokerPool.withBroker`)
 * fails with a TypeError because no broker could describe itself, as while they elect leaders, this rejects with an
 * error that can be waited for.
 */
export async function metadataOfBrokers<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'TypeError' || !READ_ON_IN_NULL.test(message)) throw error;
    throw Object.assign(
      new Error('No broker could say which topics there are; they may be electing leaders', { cause: error }),
      {
        type: 'BROKER_NOT_AVAILABLE',
      },
    );
  }
}
