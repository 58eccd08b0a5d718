import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_JARS_DIR, freePorts, startStack, type RunningStack } from '@orderstream/stack';

/** The type of a schema in the words of the registry. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** A real schema registry of its own, with its data in the Kafka at `brokers`, and what other producers ask of it. */
export class RegistryLab {
  private constructor(
    private readonly dir: string,
    private readonly stack: RunningStack,
  ) {}

  static async start(brokers: string): Promise<RegistryLab> {
    const dir = mkdtempSync(join(tmpdir(), 'registry-'));
    const [registryPort] = (await freePorts(1)) as [number];
    const ports = { kafkaPort: 0, controllerPort: 0, cqlPort: 0, storagePort: 0, registryPort };
    const javaHome = process.env['JAVA_HOME'];
    const stack = await startStack({
      ...ports,
      dir,
      jarsDir: DEFAULT_JARS_DIR,
      externalBrokers: brokers,
      cassandra: false,
      registry: true,
      ...(javaHome && { javaHome }),
    });
    return new RegistryLab(dir, stack);
  }

  get url(): string {
    return this.stack.registryUrl;
  }

  /** Ends at once. */
  async kill(): Promise<void> {
    const { registry } = this.stack;
    const { exited } = registry!;
    registry!.kill('SIGKILL');
    await exited;
  }

  /** Resolves when it answers. */
  restart(): Promise<void> {
    return this.stack.registry!.restart();
  }

  /** The id of a schema under a subject. Throws with what the registry says. */
  async register(subject: string, schema: object | string, schemaType: SchemaType = 'AVRO'): Promise<number> {
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
    const answer = await this.ask<{ id: number }>(`/subjects/${subject}/versions`, { schema: text, schemaType });
    return answer.id;
  }

  async ask<T>(path: string, body?: object): Promise<T> {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(this.url + path, init);
    if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async close(): Promise<void> {
    await this.stack.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A value behind the id of its schema, as Confluent's serialisers send it. */
export function wireValue(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, value]);
}
