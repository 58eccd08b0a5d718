import { port, readSettings, text } from '@orderstream/settings';
import { isAbsolute, join } from 'node:path';
import { DEFAULT_JARS_DIR, REPO_ROOT } from './paths.js';
import type { StackOptions } from './stack-options.js';

/** What the environment can say about the servers on this machine. */
export const STACK_SETTINGS = {
  dir: text({
    name: 'STACK_DIR',
    default: '.orderstream',
    description: 'Folder of data, logs and jars; relative to the repository.',
  }),
  kafkaPort: port({
    name: 'KAFKA_PORT',
    default: '9092',
    description: 'Port of the Kafka broker that is started here.',
  }),
  controllerPort: port({
    name: 'KAFKA_CONTROLLER_PORT',
    default: '9093',
    description: "Port of that broker's controller.",
  }),
  cqlPort: port({
    name: 'CASSANDRA_PORT',
    default: '9042',
    description: 'CQL port of the Cassandra node that is started here.',
  }),
  storagePort: port({ name: 'CASSANDRA_STORAGE_PORT', default: '7000', description: 'Internode port of that node.' }),
  registryPort: port({
    name: 'REGISTRY_PORT',
    default: '8081',
    description: 'Port of the schema registry that is started here (npm start -- --registry).',
  }),
  brokers: text({ name: 'KAFKA_BROKERS', default: '', description: 'Kafka to use instead of starting one.' }),
  contactPoints: text({
    name: 'CASSANDRA_CONTACT_POINTS',
    default: '',
    description: 'Cassandra to use instead of starting one.',
  }),
  registryUrl: text({
    name: 'SCHEMA_REGISTRY_URL',
    default: '',
    description: 'Schema registry to use instead of starting one.',
  }),
  javaHome: text({
    name: 'JAVA_HOME',
    default: '',
    description: 'Java that runs these servers; empty takes the one on the PATH.',
  }),
} as const;

/** Throws `SettingsError` naming every variable that cannot be used. */
export function stackOptionsFrom(env: Readonly<NodeJS.ProcessEnv>): StackOptions {
  const { brokers, contactPoints, registryUrl, dir, javaHome, ...ports } = readSettings(STACK_SETTINGS, env);
  return {
    ...ports,
    dir: isAbsolute(dir) ? dir : join(REPO_ROOT, dir),
    jarsDir: DEFAULT_JARS_DIR,
    ...(javaHome !== '' && { javaHome }),
    ...(brokers !== '' && { externalBrokers: brokers }),
    ...(contactPoints !== '' && { externalContactPoints: contactPoints }),
    ...(registryUrl !== '' && { externalRegistry: registryUrl }),
  };
}
