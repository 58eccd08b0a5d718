import { connect, type Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a whole message begins and ends in a byte stream; undefined while the length itself is not there yet. */
export type MessageLength = (received: Buffer) => number | undefined;

/** `host:port` or `host`, also `[::1]:9092`. Throws on a port that is none. */
export function parseAddress(text: string, defaultPort: number): Address {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(text.trim());
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (!match || port < 1 || port > 65535) throw new Error(`"${text}" is not host:port`);
  return { host: (match[1] ?? match[2])!, port };
}

/** One connection that asks a question at a time. Everything together takes no longer than its deadline. */
export class Conversation {
  private received: Buffer = Buffer.alloc(0);
  private wake: () => void = () => {};
  private failure: Error | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly lengthOf: MessageLength,
  ) {
    socket.on('data', (bytes) => this.take(bytes));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
    socket.on('timeout', () => this.fail(new Error('no answer in time')));
  }

  /** Rejects when nobody listens or `timeoutMs` goes by without a byte. */
  static async open(address: Address, timeoutMs: number, lengthOf: MessageLength): Promise<Conversation> {
    const socket = connect({ ...address, timeout: timeoutMs });
    const conversation = new Conversation(socket, lengthOf);
    await new Promise<void>((opened, failed) => {
      socket.once('connect', opened).once('error', failed);
      socket.once('timeout', () => failed(new Error('no connection in time')));
    }).catch((error: unknown) => {
      socket.destroy();
      throw error;
    });
    return conversation;
  }

  /** Sends and waits for one whole message. */
  async ask(message: Buffer): Promise<Buffer> {
    this.socket.write(message);
    for (;;) {
      const length = this.lengthOf(this.received);
      if (length !== undefined && this.received.length >= length) {
        const answer = this.received.subarray(0, length);
        this.received = this.received.subarray(length);
        return answer;
      }
      if (this.failure) throw this.failure;
      await new Promise<void>((woken) => (this.wake = woken));
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    this.wake();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.socket.destroy();
    this.wake();
  }
}
