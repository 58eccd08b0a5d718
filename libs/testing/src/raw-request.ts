import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { eventually } from './eventually.js';

/** A connection on which a test writes HTTP byte by byte, and sees what comes back as it comes. */
export class RawRequest {
  private text = '';
  private hasEnded = false;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.text += text));
    socket.on('error', (error) => (this.failure = error));
    socket.on('close', () => (this.hasEnded = true));
  }

  /** why the connection broke, if it did */
  failure: Error | undefined;

  static async open(port: number): Promise<RawRequest> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawRequest(socket);
  }

  /** Request line and headers, `Host` included, and the empty line behind them. */
  head(line: string, headers: Readonly<Record<string, string>>): void {
    const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
    this.write([line, ...lines, '', ''].join('\r\n'));
  }

  /** Whether there is room for more at once. */
  write(bytes: string | Buffer): boolean {
    return this.socket.write(bytes);
  }

  /** Everything written is with the system. Rejects when it cannot be within 10 s. */
  async drained(): Promise<void> {
    const look = () => Promise.resolve(this.socket.writableLength === 0 || this.socket.destroyed);
    await eventually(look, { timeoutMs: 10_000, everyMs: 1, what: 'all that was written taken' });
  }

  /** All that came so far. */
  get received(): string {
    return this.text;
  }

  /** The other side has closed the connection. */
  get isClosed(): boolean {
    return this.hasEnded;
  }

  /** What came once it matches. */
  until(pattern: RegExp, timeoutMs = 10_000): Promise<RegExpExecArray> {
    const look = () => Promise.resolve(pattern.exec(this.text) ?? undefined);
    return eventually(look, { timeoutMs, everyMs: 5, what: `${String(pattern)} in what came` });
  }

  close(): void {
    this.socket.destroy();
  }
}
