import { readFileSync } from 'node:fs';
import { POM_FILE } from '../paths.js';
import { stackOptionsFrom } from '../stack-settings.js';
import { checkedOptions, wantsRegistry } from '../stack-options.js';
import { cassandraPlan } from './cassandra.plan.js';
import { cassandraHeapMb } from './heap.js';
import { kafkaPlan } from './kafka.plan.js';
import { registryPlan } from './registry.plan.js';
import { fingerprint } from './server-plan.js';

const JAVA = { command: 'java', major: 17 };
const options = stackOptionsFrom({ STACK_DIR: '/data/here' });

describe('the servers of one machine', () => {
  it('listen on loopback only', () => {
    const kafka = kafkaPlan(options).files[0]!.text;
    expect(kafka).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n');
    const cassandra = JSON.parse(cassandraPlan(options).files[0]!.text) as Record<string, unknown>;
    expect(cassandra).toMatchObject({ listen_address: '127.0.0.1', rpc_address: '127.0.0.1' });
    expect(registryPlan(options, 'k:9092').args(JAVA)).toContain('-Dquarkus.http.host=127.0.0.1');
  });

  it('have ports that variables move', () => {
    const env = { KAFKA_PORT: '1', KAFKA_CONTROLLER_PORT: '2', CASSANDRA_PORT: '3', CASSANDRA_STORAGE_PORT: '4' };
    const moved = stackOptionsFrom(env);
    expect(
      [...kafkaPlan(moved).ports, ...cassandraPlan(moved).ports].map(({ port, variable }) => [variable, String(port)]),
    ).toEqual(Object.entries(env));
    expect(kafkaPlan(moved).files[0]!.text).toContain('controller.quorum.voters=1@127.0.0.1:2\n');
    expect(cassandraPlan(moved).files[0]!.text).toContain('"seeds": "127.0.0.1:4"');
  });

  it('count a registry among them only when it is asked for, of the version in pom.xml, with its data in Kafka', () => {
    expect([options, { ...options, registry: true }].map(wantsRegistry)).toEqual([false, true]);
    const args = registryPlan(stackOptionsFrom({ REGISTRY_PORT: '5' }), 'k:9092').args(JAVA);
    expect(args).toEqual(
      expect.arrayContaining(['-Dquarkus.http.port=5', '-Dapicurio.kafkasql.bootstrap.servers=k:9092']),
    );
    const version = /<apicurio[.]version>([^<]+)</.exec(readFileSync(POM_FILE, 'utf8'))![1];
    expect(args.at(-1)).toMatch(new RegExp(`/apicurio-registry-app-${version}-runner[.]jar$`));
  });

  it('take a twelfth of the memory for Cassandra, between 512 MiB and 2 GiB', () => {
    expect([4096, 12_288, 65_536].map(cassandraHeapMb)).toEqual([512, 1024, 2048]);
  });

  it('are started anew when a setting has changed, and taken over when none has', () => {
    const same = fingerprint(kafkaPlan(options), JAVA);
    expect(fingerprint(kafkaPlan({ ...options }), JAVA)).toBe(same);
    expect(fingerprint(kafkaPlan({ ...options, kafkaHeapMb: 600 }), JAVA)).not.toBe(same);
    expect(fingerprint(kafkaPlan({ ...options, kafkaPort: 9999 }), JAVA)).not.toBe(same);
  });

  it('let Cassandra have its security manager on a Java that asks', () => {
    expect(cassandraPlan(options).args({ ...JAVA, major: 21 })).toContain('-Djava.security.manager=allow');
    expect(cassandraPlan(options).args(JAVA)).not.toContain('-Djava.security.manager=allow');
  });
});

describe('the environment', () => {
  it('says which servers are not ours', () => {
    expect(options).not.toHaveProperty('externalBrokers');
    expect(stackOptionsFrom({ KAFKA_BROKERS: 'k:9092' })).toMatchObject({ externalBrokers: 'k:9092' });
    expect(stackOptionsFrom({ CASSANDRA_CONTACT_POINTS: 'c' })).toMatchObject({ externalContactPoints: 'c' });
    const registry = stackOptionsFrom({ SCHEMA_REGISTRY_URL: 'http://r' });
    expect(wantsRegistry({ ...registry, registry: true })).toBe(false);
  });

  it('is refused by name', () => {
    expect(() => stackOptionsFrom({ KAFKA_PORT: 'high' })).toThrow(/KAFKA_PORT=high/);
    expect(() => checkedOptions(stackOptionsFrom({ STACK_DIR: '/a,b' }))).toThrow(/STACK_DIR/);
  });
});
