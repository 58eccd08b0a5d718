import { NODE_FLAGS, PROCESS_ENV } from '@orderstream/stack';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SETTINGS as INGEST_SETTINGS } from '../../apps/ingest-api/src/config.js';
import { SETTINGS as SINK_SETTINGS } from '../../apps/sink-worker/src/config.js';

interface Service {
  image?: string;
  build?: { dockerfile: string; target: string };
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string | number>;
  volumes?: string[];
  container_name?: string;
  profiles?: string[];
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const yaml = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

const composeFile = join(root, 'docker', 'compose.yaml');
const compose = yaml.load(readFileSync(composeFile, 'utf8')) as Compose;
const service = (name: string): Service => compose.services[name] ?? {};
const apps = ['ingest-api', 'sink-worker'] as const;
const settings = { 'ingest-api': INGEST_SETTINGS, 'sink-worker': SINK_SETTINGS };

/** The command that understands Compose files here, if any. */
const binary = [['docker', 'compose'], ['docker-compose']].find(
  ([command, ...args]) => spawnSync(command!, [...args, 'version']).status === 0,
);

/** A stage of the Dockerfile with the lines of the stages that it is made from. */
function stageLines(name: string): string[] {
  const stages = read('docker', 'Dockerfile').split(/^FROM /m);
  const stage = stages.find((text) => new RegExp(`^\\S+ AS ${name}\\n`).test(text));
  if (!stage) return [];
  const parent = /^\S+/.exec(stage)![0];
  return [...stageLines(parent), ...stage.split('\n').slice(1)];
}

describe('docker/compose.yaml', () => {
  const accepted = 'is accepted by Compose itself';
  const check = () => {
    const [command, ...args] = binary!;
    const run = spawnSync(command!, [...args, '-f', composeFile, 'config', '--quiet'], { encoding: 'utf8' });
    expect({ status: run.status, stderr: run.status === 0 ? '' : run.stderr }).toEqual({ status: 0, stderr: '' });
  };
  if (binary) it(accepted, check, 60_000);
  else it.skip(`${accepted} (skipped: neither "docker compose" nor docker-compose is installed here)`, check);

  it('runs the servers in the versions of stack/pom.xml', () => {
    const pom = read('stack', 'pom.xml');
    const version = (name: string) => new RegExp(`<${name}[.]version>([^<]+)<`).exec(pom)?.[1];
    expect(service('kafka').image).toBe(`apache/kafka:${version('kafka')}`);
    expect(service('cassandra').image).toBe(`cassandra:${version('cassandra')}`);
    expect(service('registry').image).toBe(`apicurio/apicurio-registry:${version('apicurio')}`);
  });

  it('publishes ports on loopback only, for the API has no keys here', () => {
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published).not.toHaveLength(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('starts the registry only when it is asked for, after Kafka', () => {
    expect(service('registry')).toMatchObject({
      profiles: ['registry'],
      depends_on: { kafka: { condition: 'service_healthy' } },
    });
  });

  it('allows any number of sink workers: neither a port on the host nor a name of its own', () => {
    expect(service('sink-worker')).toMatchObject({ build: { target: 'sink-worker' } });
    expect(service('sink-worker').ports).toBeUndefined();
    expect(Object.values(compose.services).filter((each) => each.container_name)).toEqual([]);
  });

  it('starts an application only when Kafka and Cassandra say that they are healthy', () => {
    const healthy = { condition: 'service_healthy' };
    for (const app of apps) expect(service(app).depends_on).toEqual({ kafka: healthy, cassandra: healthy });
    for (const server of ['kafka', 'cassandra']) expect(service(server).healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('keeps the data of both servers in named volumes', () => {
    for (const server of ['kafka', 'cassandra']) {
      const names = (service(server).volumes ?? []).map((volume) => volume.split(':')[0]!);
      expect(names).not.toHaveLength(0);
      expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(names));
    }
  });

  it.each(apps)('gives %s only variables that it reads, and its port and addresses', (app) => {
    const given = Object.keys(service(app).environment ?? {});
    const known = settings[app].map((setting) => setting.name);
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
    expect(given).toEqual(expect.arrayContaining(['HOST', 'KAFKA_BROKERS', 'CASSANDRA_CONTACT_POINTS']));
    expect(service(app).environment).toMatchObject({ ALLOW_UNAUTHENTICATED: 'true' });
  });
});

describe('docker/Dockerfile', () => {
  it('builds on the version of Node that .nvmrc names', () => {
    expect(read('docker', 'Dockerfile')).toMatch(new RegExp(`^ARG NODE_IMAGE=node:${read('.nvmrc').trim()}[.-]`, 'm'));
  });

  it.each(apps)('has a stage for %s that compose.yaml builds', (app) => {
    const { dockerfile, target } = service(app).build ?? {};
    expect({ dockerfile, target }).toEqual({ dockerfile: 'docker/Dockerfile', target: app });
    expect(existsSync(join(root, 'apps', app, 'package.json'))).toBe(true);
  });

  it.each(apps)('runs %s as an ordinary user, who owns none of its files', (app) => {
    const lines = stageLines(app);
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(lines.filter((line) => line.includes('--chown'))).toEqual([]);
  });

  it.each(apps)('asks %s for its health at the default port, without curl', (app) => {
    const text = stageLines(app).join('\n');
    const port = settings[app].find(({ name }) => ['PORT', 'SINK_PORT'].includes(name))!;
    expect(text).toMatch(/HEALTHCHECK [^]*"node", "-e"[^]*\/health\/live/);
    expect(text).toContain(`process.env.${port.name} || ${port.default}}`);
    expect(text).toContain(`EXPOSE ${port.default}\n`);
  });

  it.each(apps)('starts %s without a shell in between, so that SIGTERM reaches it', (app) => {
    const command = JSON.stringify(['node', ...NODE_FLAGS[app], `apps/${app}/dist/main.js`]).replaceAll(',', ', ');
    expect(stageLines(app)).toContain(`CMD ${command}`);
    const variables = Object.entries(PROCESS_ENV).map(([name, value]) => `${name}=${value}`);
    expect(stageLines(app)).toContain(`ENV NODE_ENV=production ${variables.join(' ')}`);
  });
});
