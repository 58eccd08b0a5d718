import type { AvroRecord } from '@orderstream/streams';
import { told, type RegistryAnswer, type RegistryClient } from './registry-client.js';
import { IncompatibleSchemaError, RegistryError } from './registry-errors.js';

/** Rules that keep new readers able to read what was written before; BACKWARD is set where none of them is. */
const BACKWARD = 'BACKWARD';
const AT_LEAST_BACKWARD: ReadonlySet<string> = new Set([BACKWARD, 'BACKWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE']);

/** Subject of the values of a topic (TopicNameStrategy). */
export const valueSubject = (topic: string): string => `${topic}-value`;

/**
 * The id of the schema under the subject, registered if it is new there. Before, the subject's rule is made at least
 * BACKWARD and the schema is held against it. Throws IncompatibleSchemaError for one that breaks the rule, and
 * RegistryError, which says whether trying again can help.
 */
export async function registerSchema(
  client: RegistryClient,
  subject: string,
  schema: AvroRecord,
  signal?: AbortSignal,
): Promise<number> {
  const registration = new Registration(client, subject, schema, signal);
  if (!(await registration.isNewSubject())) {
    await registration.makeBackward();
    await registration.check();
    return registration.register();
  }
  const id = await registration.register();
  await registration.makeBackward(); // a rule on a subject that is not there yet is not kept by every registry
  return id;
}

class Registration {
  private readonly path: string;
  private rule = BACKWARD;

  constructor(
    private readonly client: RegistryClient,
    private readonly subject: string,
    private readonly schema: AvroRecord,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.path = `/subjects/${encodeURIComponent(subject)}`;
  }

  async isNewSubject(): Promise<boolean> {
    const answer = await this.client.ask('GET', `${this.path}/versions/latest`, undefined, this.signal);
    if (answer.status === 404) return true;
    this.expect(answer);
    return false;
  }

  /** Without a rule of its own, a subject has that of the registry. */
  async makeBackward(): Promise<void> {
    const path = `/config/${encodeURIComponent(this.subject)}`;
    const answer = await this.client.ask('GET', `${path}?defaultToGlobal=true`, undefined, this.signal);
    if (answer.status !== 404) this.expect(answer);
    const { compatibilityLevel: rule } = (answer.body ?? {}) as { compatibilityLevel?: unknown };
    if (typeof rule === 'string' && AT_LEAST_BACKWARD.has(rule)) {
      this.rule = rule;
      return;
    }
    this.expect(await this.client.ask('PUT', path, { compatibility: BACKWARD }, this.signal));
  }

  /** A registry that says no without a reason is asked to register, which it refuses with one. */
  async check(): Promise<void> {
    const path = `/compatibility${this.path}/versions/latest?verbose=true`;
    const answer = await this.client.ask('POST', path, this.asked, this.signal);
    if (answer.status === 409) throw this.incompatible(told(answer));
    this.expect(answer);
    const { is_compatible: isCompatible, messages } = answer.body as { is_compatible?: unknown; messages?: unknown };
    if (isCompatible === true || !Array.isArray(messages) || messages.length === 0) return;
    throw this.incompatible(`: ${messages.join(' ')}`);
  }

  async register(): Promise<number> {
    const answer = await this.client.ask('POST', `${this.path}/versions`, this.asked, this.signal);
    if (answer.status === 409) throw this.incompatible(told(answer));
    this.expect(answer);
    const { id } = answer.body as { id?: unknown };
    if (typeof id === 'number') return id;
    throw new RegistryError(`the schema registry gave no id for ${this.subject}`, false, answer.status);
  }

  private get meaning(): string {
    return this.rule.startsWith(BACKWARD)
      ? 'its readers could not read what was written before'
      : 'its readers could not read what was written before, or those of before not what is written with it';
  }

  private get asked(): object {
    return { schemaType: 'AVRO', schema: JSON.stringify(this.schema) };
  }

  private expect(answer: RegistryAnswer): void {
    if (answer.status >= 200 && answer.status < 300) return;
    const hint = [401, 403].includes(answer.status)
      ? ' See SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD.'
      : '';
    const message = `the schema registry refuses ${this.subject} with ${answer.status}${told(answer)}.${hint}`;
    throw new RegistryError(message, false, answer.status);
  }

  private incompatible(explanation: string): IncompatibleSchemaError {
    const fields = fieldsIn(explanation, this.schema);
    const named = fields.length === 0 ? '' : ` (${fields.length === 1 ? 'field' : 'fields'} ${fields.join(', ')})`;
    return new IncompatibleSchemaError(
      `The Avro schema of ${this.subject} breaks the rule ${this.rule}${named}: ${this.meaning}. ` +
        `The registry says${explanation || ' no more'}\n` +
        'Make a new field not required, leave the type of a field as it is, or give the stream another topic.',
    );
  }
}

/** Registries name places as JSON pointers, `/fields/2/type`: the names of those fields. */
function fieldsIn(explanation: string, { fields }: AvroRecord): string[] {
  const places = [...explanation.matchAll(/\/fields\/(\d+)/g)].map(([, index]) => fields[Number(index)]?.name);
  return [...new Set(places.filter((name) => name !== undefined))];
}
