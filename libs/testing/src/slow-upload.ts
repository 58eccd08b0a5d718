import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { JsonAnswer } from './api-client.js';

/** A `POST /ingest` whose body is sent piece by piece, as the test wants it. */
export class SlowUpload {
  private readonly sending: ClientRequest;
  private readonly response: Promise<IncomingMessage>;

  constructor(url: string, query = '', headers: Readonly<Record<string, string>> = {}) {
    this.sending = request(`${url}/ingest${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...headers },
    });
    this.response = once(this.sending, 'response').then(([response]) => response as IncomingMessage);
    this.response.catch(() => undefined); // the server may be killed before it answers
  }

  async send(piece: string): Promise<void> {
    if (!this.sending.write(piece)) await once(this.sending, 'drain');
  }

  /** Ends the body and reads the answer. */
  async end<T>(): Promise<JsonAnswer<T>> {
    this.sending.end();
    return this.answer<T>();
  }

  /** The answer, which may come before the body has ended. */
  async answer<T>(): Promise<JsonAnswer<T>> {
    const response = await this.response;
    const headers = new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
    return { status: response.statusCode ?? 0, headers, body: JSON.parse(await text(response)) as T };
  }

  /** The client goes away in the middle. */
  abort(): void {
    this.sending.destroy();
  }
}
