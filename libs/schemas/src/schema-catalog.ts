import { Limiter } from '@orderstream/resilience';
import { NO_SCHEMAS, schemaIdOf, type KnownSchema, type SchemaLookup } from '@orderstream/streams';
import { avroReader } from './avro/avro-reader.js';
import { told, type RegistryAnswer, type RegistryClient } from './registry/registry-client.js';
import { RegistryError } from './registry/registry-errors.js';

/** What has a value that may name a schema. */
export interface WithValue {
  readonly value: Buffer | null;
}

/** The schemas of some records, as far as the registry told them. */
export interface ResolvedSchemas {
  readonly schemas: SchemaLookup;
  /** so many records, from the first on, can be read; the next one must wait for the registry */
  readonly readable: number;
}

export interface CatalogOptions {
  /** ms for which an id that the registry does not have is not asked for again. Default 30,000 */
  readonly negativeMs?: number;
  /**
   * ms for which a registry that has just begun to answer is not believed when it does not know an id: it may still be
   * reading its own data. Default 10,000
   */
  readonly settlingMs?: number;
  readonly now?: () => number;
}

const NEGATIVE_MS = 30_000;
const SETTLING_MS = 10_000;
/** Ids are in bytes of strangers: what is remembered of those that mean nothing is bounded. */
const MAX_NEGATIVE = 1_000;
const ASKED_AT_ONCE = 8;
const NOT_FOUND = 404;

/**
 * The schemas of a registry by id. A schema never changes, so what was told once is kept; an id that the registry does
 * not have is asked for again after a while. Batches that need the same id ask for it once. A registry that was started
 * again may answer before it has read its data: one that does not know what it told before is not believed.
 */
export class SchemaCatalog implements SchemaLookup {
  private readonly schemaById = new Map<number, KnownSchema>();
  private readonly unknownUntilById = new Map<number, number>();
  private readonly askingById = new Map<number, Promise<void>>();
  private readonly limiter = new Limiter(ASKED_AT_ONCE);
  private readonly negativeMs: number;
  private readonly settlingMs: number;
  private readonly now: () => number;
  /** since when it answers without a failure in between */
  private answersSince: number | undefined;
  private failure: string | undefined;

  /** Without a client every id is unknown. */
  constructor(
    private readonly client: RegistryClient | undefined,
    { negativeMs = NEGATIVE_MS, settlingMs = SETTLING_MS, now = Date.now }: CatalogOptions = {},
  ) {
    this.negativeMs = negativeMs;
    this.settlingMs = settlingMs;
    this.now = now;
  }

  /** Why the registry could not be asked, last time it was needed; undefined: it answered. */
  get away(): string | undefined {
    return this.failure;
  }

  /** Asks for the ids that are not known yet, and waits at most `timeoutMs`. Never rejects. */
  async resolve(records: readonly WithValue[], timeoutMs: number): Promise<ResolvedSchemas> {
    if (!this.client) return { schemas: NO_SCHEMAS, readable: records.length };
    const missing = this.missingIn(records);
    if (missing.size > 0) {
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
      await Promise.all([...missing].map((id) => this.askOnce(id, signal)));
    }
    const waiting = missing.size === 0 ? -1 : records.findIndex(({ value }) => this.isMissing(schemaIdOf(value)));
    return { schemas: this, readable: waiting === -1 ? records.length : waiting };
  }

  schemaOf(id: number): KnownSchema {
    const known = this.schemaById.get(id);
    if (known) return known;
    const reason = this.client
      ? `the schema registry has no schema with id ${id}`
      : `Avro schema id ${id} cannot be looked up: no schema registry is configured`;
    return { kind: 'unknown', reason };
  }

  private missingIn(records: readonly WithValue[]): Set<number> {
    const missing = new Set<number>();
    let last: number | undefined;
    for (const { value } of records) {
      const id = schemaIdOf(value);
      if (id === last || id === undefined) continue;
      last = id;
      if (this.isMissing(id)) missing.add(id);
    }
    return missing;
  }

  private isMissing(id: number | undefined): boolean {
    if (id === undefined || this.schemaById.has(id)) return false;
    return (this.unknownUntilById.get(id) ?? 0) <= this.now();
  }

  private askOnce(id: number, signal: AbortSignal): Promise<void> {
    const asking = this.askingById.get(id) ?? this.limiter.run(() => this.ask(id, signal));
    this.askingById.set(id, asking);
    return asking.finally(() => this.askingById.delete(id));
  }

  private async ask(id: number, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.answerAbout(id, signal);
      if (answer.status === NOT_FOUND) await this.believe(signal);
      if (answer.status === NOT_FOUND) this.noteUnknown(id);
      else this.schemaById.set(id, knownSchema(id, answer.body));
      this.failure = undefined;
    } catch (error) {
      this.failure = (error as Error).message;
      if (!(error instanceof UnsettledError)) this.answersSince = undefined;
    }
  }

  /** 200 or 404. */
  private async answerAbout(id: number, signal: AbortSignal): Promise<RegistryAnswer> {
    const answer = await this.client!.ask('GET', `/schemas/ids/${id}`, undefined, signal);
    if (answer.status !== 200 && answer.status !== NOT_FOUND)
      throw new RegistryError(`the schema registry answers ${answer.status}${told(answer)}`, false, answer.status);
    this.answersSince ??= this.now();
    return answer;
  }

  /** Throws where the registry may know more later. */
  private async believe(signal: AbortSignal): Promise<void> {
    if (this.now() < this.answersSince! + this.settlingMs)
      throw new UnsettledError('the schema registry has just begun to answer');
    const known = Math.max(...this.schemaById.keys());
    if (this.schemaById.size === 0 || (await this.answerAbout(known, signal)).status === 200) return;
    this.answersSince = undefined;
    throw new UnsettledError(`the schema registry does not know schema ${known} any more`);
  }

  private noteUnknown(id: number): void {
    this.unknownUntilById.delete(id);
    this.unknownUntilById.set(id, this.now() + this.negativeMs);
    if (this.unknownUntilById.size <= MAX_NEGATIVE) return;
    const [oldest] = this.unknownUntilById.keys();
    this.unknownUntilById.delete(oldest!);
  }
}

/** It answers, and what it does not know it may know later. */
class UnsettledError extends Error {}

function knownSchema(id: number, body: unknown): KnownSchema {
  const { schema, schemaType = 'AVRO', references } = body as Partial<Record<string, unknown>>;
  if (schemaType === 'JSON') return { kind: 'json' };
  if (schemaType !== 'AVRO' || typeof schema !== 'string') return { kind: 'unsupported', type: String(schemaType) };
  if (Array.isArray(references) && references.length > 0)
    return { kind: 'unsupported', type: 'Avro that refers to other subjects' };
  try {
    return { kind: 'avro', read: avroReader(schema) };
  } catch (error) {
    return { kind: 'unknown', reason: `the schema with id ${id} cannot be used: ${(error as Error).message}` };
  }
}
