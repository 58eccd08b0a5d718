import { retryUntil } from '@orderstream/resilience';
import { parseAddress, type Address } from './probes/conversation.js';
import { probeCassandra } from './probes/cql.probe.js';
import { probeKafka } from './probes/kafka.probe.js';
import type { StackOptions } from './stack-options.js';
import type { StepLog } from './step-log.js';

const PROBE_TIMEOUT_MS = 3_000;
const TRIES = 3;

/**
 * Asks servers that are not ours whether they answer, and says whose they are. One that accepts a connection but not
 * the question (TLS, passwords) is a warning: the apps have the credentials, this probe has not.
 * Throws when no address accepts a connection.
 */
export async function probeExternal(options: StackOptions, steps: StepLog): Promise<void> {
  const { externalBrokers, externalContactPoints } = options;
  if (externalBrokers !== undefined) {
    await probeOne(
      { title: 'Kafka', variable: 'KAFKA_BROKERS', addresses: externalBrokers, defaultPort: 9092 },
      steps,
      async (address) => {
        const { clusterId } = await probeKafka(address, PROBE_TIMEOUT_MS);
        return `cluster ${clusterId}`;
      },
    );
  }
  if (externalContactPoints !== undefined) {
    const about = {
      title: 'Cassandra',
      variable: 'CASSANDRA_CONTACT_POINTS',
      addresses: externalContactPoints,
      defaultPort: 9042,
    };
    await probeOne(about, steps, async (address) => {
      const { clusterName } = await probeCassandra(address, PROBE_TIMEOUT_MS);
      return clusterName === undefined ? 'asks for a password' : `cluster "${clusterName}"`;
    });
  }
}

interface External {
  readonly title: string;
  readonly variable: string;
  readonly addresses: string;
  readonly defaultPort: number;
}

async function probeOne(
  external: External,
  steps: StepLog,
  probe: (address: Address) => Promise<string>,
): Promise<void> {
  const { title, variable, addresses } = external;
  const list = addressesOf(external);
  const ask = () => Promise.any(list.map(probe));
  try {
    const backoff = { initialMs: 500, maxMs: 1000, shouldRetry: (_: unknown, attempt: number) => attempt < TRIES };
    steps.done(`${title} of yours`, `${addresses}, ${await retryUntil(ask, backoff)}, as ${variable} says`);
  } catch (error) {
    const reasons = (error as AggregateError).errors as NodeJS.ErrnoException[];
    const told = reasons
      .map((reason, i) => `${list[i]!.host}:${list[i]!.port}: ${reason.message || reason.code}`)
      .join('; ');
    if (reasons.every((reason) => reason.code !== undefined || reason.message === 'no connection in time')) {
      throw new Error(
        `${variable}=${addresses} does not answer (${told}). Start that server, or unset ${variable} to have one started here.`,
        { cause: error },
      );
    }
    steps.warn(
      `${title} at ${addresses} takes connections but not a plain question (${told}). Going on: it may want TLS or a password.`,
    );
  }
}

function addressesOf({ variable, addresses, defaultPort }: External): Address[] {
  try {
    return addresses.split(',').map((text) => parseAddress(text, defaultPort));
  } catch (error) {
    throw new Error(`${variable}=${addresses} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
}
