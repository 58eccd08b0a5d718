import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as stack from '@orderstream/stack';
import { SETTINGS as INGEST_SETTINGS } from '../../apps/ingest-api/src/config.js';
import { SETTINGS as SINK_SETTINGS } from '../../apps/sink-worker/src/config.js';
import { parseEnvExample } from './env-example.js';

interface Setting {
  readonly name: string;
  readonly unit: string;
  readonly default: string;
  readonly description: string;
}

const appSettings: readonly Setting[] = [...INGEST_SETTINGS, ...SINK_SETTINGS];
const stackSettings: readonly Setting[] = Object.values(stack.STACK_SETTINGS);
const settings = [...appSettings, ...stackSettings];
const names = [...new Set(settings.map(({ name }) => name))].sort();
const readersOf = (name: string) => settings.filter((setting) => setting.name === name);

const documented = parseEnvExample(readFileSync(join(import.meta.dirname, '..', '..', '.env.example'), 'utf8'));

describe('.env.example', () => {
  it('has every variable that is read, once, and no other', () => {
    expect(documented.map(({ name }) => name).sort()).toEqual(names);
  });

  it.each(names)('says default, unit and meaning of %s as the program has them', (name) => {
    const entry = documented.find((each) => each.name === name);
    // What an application reads comes first; the stack adds its own sentence to the same variable.
    const [first] = readersOf(name);
    expect(entry).toMatchObject({ value: first!.default, comment: expect.stringContaining(first!.unit) });
    for (const { description } of readersOf(name)) expect(entry!.comment).toContain(description);
  });

  it('can be copied to .env without telling the stack to use servers that are not there', () => {
    const differing = names.filter((name) => new Set(readersOf(name).map((setting) => setting.default)).size > 1);
    expect(differing).toEqual(expect.arrayContaining(['KAFKA_BROKERS', 'CASSANDRA_CONTACT_POINTS']));
    const inForce = documented.filter(({ name, commentedOut }) => differing.includes(name) && !commentedOut);
    expect(inForce.map(({ name }) => name)).toEqual([]);
  });
});

describe('the applications', () => {
  it('mean the same by a variable that both read', () => {
    const differing = names.filter((name) => {
      const readers = appSettings.filter((setting) => setting.name === name);
      return new Set(readers.map((each) => [each.unit, each.default, each.description].join('\n'))).size > 1;
    });
    expect(differing).toEqual([]);
  });
});
