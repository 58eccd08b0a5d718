import { eventually } from './eventually.js';

/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  // What an event carries is for the test to say.
  readonly data: Record<string, unknown>;
}

/** An answer of server-sent events, read as it comes. */
export class EventStream {
  readonly events: ServerEvent[] = [];
  private text = '';
  private readonly gone = new AbortController();

  private constructor(readonly status: number) {}

  /** Resolves once the answer has begun. An answer that is no stream of events is thrown, with its text. */
  static async open(url: string): Promise<EventStream> {
    const gone = new AbortController();
    const response = await fetch(url, { signal: gone.signal });
    if (!response.ok || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
    const stream = new EventStream(response.status);
    stream.gone.signal.addEventListener('abort', () => gone.abort());
    void stream.read(response.body).catch(() => undefined); // cut off by `close`, or by the other side
    return stream;
  }

  /** The events of that name once there are so many. */
  until(name: string, count: number, timeoutMs = 20_000): Promise<ServerEvent[]> {
    const look = async (): Promise<ServerEvent[] | false> => {
      const named = this.events.filter(({ event }) => event === name);
      return named.length >= count && named;
    };
    return eventually(look, { timeoutMs, everyMs: 10, what: `${count} events "${name}"` });
  }

  close(): void {
    this.gone.abort();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of body) {
      this.text += decoder.decode(bytes, { stream: true });
      const blocks = this.text.split('\n\n');
      this.text = blocks.pop()!;
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    );
    const event = fields.get('event');
    if (event === undefined) return;
    const data = JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>;
    this.events.push({ event, id: fields.get('id'), data });
  }
}
