import { Buffer } from 'node:buffer';
import type { SchemaCatalog } from '@orderstream/schemas';
import {
  decodeValue,
  NO_SCHEMAS,
  RowFaults,
  schemaIdOf,
  type CompiledStream,
  type SchemaLookup,
} from '@orderstream/streams';

const SCHEMA_DEADLINE_MS = 2_000;

/** The values of the letters of one stream as JSON text, those in Avro too. Made for one answer. */
export class LetterTexts {
  private schemas: SchemaLookup = NO_SCHEMAS;
  /** A registry that did not answer is not waited for again: an answer may have thousands of letters. */
  private isAway = false;

  /** Without a stream, one that there is no more, times in Avro stay numbers. */
  constructor(
    private readonly catalog: Pick<SchemaCatalog, 'resolve'>,
    private readonly stream: CompiledStream | undefined,
  ) {}

  /** In the same order; what cannot be read, or has a schema that the registry does not tell, is its bytes as text. Never rejects. */
  async of(values: readonly (Uint8Array | null)[]): Promise<string[]> {
    const bytes = values.map((value) => value && Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    await this.resolve(bytes);
    return bytes.map((value) => (value === null ? '' : (this.recordIn(value) ?? value.toString('utf8'))));
  }

  private async resolve(values: readonly (Buffer | null)[]): Promise<void> {
    const records = values.filter((value) => schemaIdOf(value) !== undefined).map((value) => ({ value }));
    if (records.length === 0 || this.isAway) return;
    const { schemas, readable } = await this.catalog.resolve(records, SCHEMA_DEADLINE_MS);
    this.schemas = schemas;
    this.isAway ||= readable < records.length;
  }

  /** Undefined for JSON, which is text as it is, and for what cannot be read. */
  private recordIn(value: Buffer): string | undefined {
    if (schemaIdOf(value) === undefined) return undefined;
    const decoded = decodeValue(value, this.schemas);
    if (decoded.kind === 'fault') return undefined;
    const row = this.stream?.readJson(decoded.value);
    return row === undefined || row instanceof RowFaults ? withoutNulls(decoded.value) : this.stream!.toJson(row);
  }
}

/** Null in Avro is what was not set; in JSON it could clear. */
const withoutNulls = (value: unknown): string => JSON.stringify(value, (_, each: unknown) => each ?? undefined) ?? '';
