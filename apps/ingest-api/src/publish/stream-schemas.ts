import { retryUntil } from '@orderstream/resilience';
import { RegistryError, registerSchema, valueSubject, type RegistryClient } from '@orderstream/schemas';
import { avroSchemaOf, type AvroRecord, type CompiledStream, type StreamRegistry } from '@orderstream/streams';
import type { ValueEncoding } from './value-encoding.js';

export interface StreamSchema {
  /** TopicNameStrategy */
  readonly subject: string;
  /** undefined: not registered, or there is no registry */
  readonly id: number | undefined;
  readonly schema: AvroRecord;
}

const BACKOFF = { initialMs: 250, maxMs: 5_000 };

/** The Avro schemas of the streams and their ids in the registry. */
export class StreamSchemas {
  private readonly idByStream = new Map<string, number>();

  constructor(
    private readonly client: RegistryClient | undefined,
    private readonly streams: StreamRegistry,
    private readonly values: ValueEncoding,
  ) {}

  /** Where schemas are registered; empty when there is no registry. */
  get addresses(): readonly string[] {
    return this.client?.addresses ?? [];
  }

  of({ name, topic, definition }: CompiledStream): StreamSchema {
    return { subject: valueSubject(topic), id: this.idByStream.get(name), schema: avroSchemaOf(definition) };
  }

  /**
   * Registers the schema of every stream; from then on their values are Avro. Waits for the registry as long as it
   * takes. Rejects with IncompatibleSchemaError, with what the registry refuses, and with the signal's reason.
   */
  async register(signal: AbortSignal, onWaiting: (error: unknown) => void): Promise<void> {
    const { client } = this;
    if (!client) return;
    const shouldRetry = (error: unknown): boolean => error instanceof RegistryError && error.retriable;
    for (const stream of this.streams.streams) {
      const { subject, schema } = this.of(stream);
      const work = (): Promise<number> => registerSchema(client, subject, schema, signal);
      const id = await retryUntil(work, { ...BACKOFF, signal, shouldRetry, onRetry: onWaiting });
      this.idByStream.set(stream.name, id);
      this.values.useSchema(stream, id);
    }
  }
}
