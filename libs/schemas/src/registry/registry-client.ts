import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { RegistryError } from './registry-errors.js';

export interface RegistryOptions {
  /** registries of one cluster, any of which answers: `http://host:8081`, with a path where there is one */
  readonly urls: readonly string[];
  /** basic auth; what stands in a URL is used for that one */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** PEM files: authorities to trust, and the certificate and key this client shows. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** ms for one answer of one registry. Default 3,000 */
  readonly timeoutMs?: number;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Endpoint {
  readonly url: URL;
  readonly authorization: string | undefined;
}

const TIMEOUT_MS = 3_000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** Speaks to registries with Confluent's API, over HTTP or HTTPS. Passwords are in no message of it. */
export class RegistryClient {
  private readonly endpoints: readonly Endpoint[];
  private readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  /** the one that answered last is asked first */
  private first = 0;

  /** Throws for a URL that is none and for a PEM file that cannot be read. */
  constructor(private readonly options: RegistryOptions) {
    this.endpoints = options.urls.map((url) => endpointOf(url, options.credentials));
    const { ca, cert, key } = options.tls ?? {};
    const pem = { ...pemOf('ca', ca), ...pemOf('cert', cert), ...pemOf('key', key) };
    this.agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true, ...pem }) };
  }

  /** Where it asks, without credentials. */
  get addresses(): readonly string[] {
    return this.endpoints.map(({ url }) => url.href.replace(/\/$/, ''));
  }

  /**
   * The answer of the first registry that gives one, whatever its status below 500 but for 429. Rejects with a
   * RegistryError when none does, and with the signal's reason.
   */
  async ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<RegistryAnswer> {
    const failures: string[] = [];
    for (let i = 0; i < this.endpoints.length; i++) {
      const index = (this.first + i) % this.endpoints.length;
      const endpoint = this.endpoints[index]!;
      signal?.throwIfAborted();
      try {
        const answer = await this.askOne(endpoint, { method, path, body, signal });
        if (answer.status < 500 && answer.status !== 429) {
          this.first = index;
          return answer;
        }
        failures.push(`${endpoint.url.host} answers ${answer.status}${told(answer)}`);
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(`${endpoint.url.host}: ${reasonOf(error)}`);
      }
    }
    throw new RegistryError(`the schema registry does not answer (${failures.join('; ')})`, true);
  }

  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private async askOne({ url, authorization }: Endpoint, question: Question): Promise<RegistryAnswer> {
    const isSecure = url.protocol === 'https:';
    const timeout = AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS);
    const body = question.body && JSON.stringify(question.body);
    const headers = {
      accept: CONTENT_TYPE,
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(body) }),
    };
    const signal = question.signal ? AbortSignal.any([question.signal, timeout]) : timeout;
    const agent = isSecure ? this.agents.https : this.agents.http;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const target = url.href.replace(/\/$/, '') + question.path;
      const send = isSecure ? httpsRequest : httpRequest;
      const request = send(target, { method: question.method, headers, agent, signal }, resolve);
      request.once('error', reject).end(body);
    });
    return { status: response.statusCode ?? 0, body: parsed(await text(response)) };
  }
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the registry itself says about its status. */
export function told({ body }: RegistryAnswer): string {
  const message = typeof body === 'object' && body !== null ? (body as { message?: unknown }).message : undefined;
  return typeof message === 'string' ? `: ${message}` : '';
}

function endpointOf(address: string, credentials: RegistryOptions['credentials']): Endpoint {
  const url = new URL(address);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const used = username === '' ? credentials : { username, password };
  url.username = '';
  url.password = '';
  const basic = used && Buffer.from(`${used.username}:${used.password}`).toString('base64');
  return { url, authorization: basic === undefined ? undefined : `Basic ${basic}` };
}

function pemOf(name: 'ca' | 'cert' | 'key', file: string | undefined): object {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file) };
  } catch (error) {
    throw new Error(`SCHEMA_REGISTRY_${name.toUpperCase()}=${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined; // a page of a proxy: its status says enough
  }
}

function reasonOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time';
  return message || code || 'no connection';
}
