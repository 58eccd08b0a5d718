import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/**
 * A TCP proxy in front of a server, on a port of its own, whose faults can be changed while connections are open.
 * For a database or broker that hands out addresses of its own, it stands in front of one node.
 */
export class FaultProxy {
  private delayMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** `target` is host:port. */
  static async to(target: string): Promise<FaultProxy> {
    const [host, port] = target.split(':') as [string, string];
    const server = createServer((client) => proxy.pass(client, connect(Number(port), host)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new FaultProxy(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    return proxy;
  }

  /** Everything the server answers comes so much later, in its order; 0 ends it for what comes from now on. */
  delayAnswers(ms: number): void {
    this.delayMs = ms;
  }

  /** Cuts every open connection; new ones are taken. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private pass(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(this.delayed()).pipe(client);
  }

  /** Holds each chunk back for the delay that was set when it came; later chunks never overtake it. */
  private delayed(): Transform {
    const held: { chunk: Buffer; dueMs: number }[] = [];
    let timer: NodeJS.Timeout | undefined;
    const stream = new Transform({
      transform: (chunk: Buffer, _, done) => {
        held.push({ chunk, dueMs: performance.now() + this.delayMs });
        release();
        done();
      },
      flush: (done) => {
        clearTimeout(timer);
        for (const { chunk } of held.splice(0)) stream.push(chunk);
        done();
      },
    });
    const release = (): void => {
      clearTimeout(timer);
      const now = performance.now();
      while (held.length > 0 && held[0]!.dueMs <= now) stream.push(held.shift()!.chunk);
      if (held.length > 0) timer = setTimeout(release, Math.ceil(held[0]!.dueMs - now));
    };
    return stream;
  }
}
