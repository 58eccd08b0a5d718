import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultLane, freeLane } from './fault-lane.js';

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly lanes: readonly FaultLane[];
}

export interface ProxyOptions {
  /** host:port to listen on; default 127.0.0.1 and a port that is free */
  readonly listen?: string;
}

/**
 * A TCP proxy in front of a server, whose faults can be changed while connections are open. A database or broker that
 * hands out addresses has to hand out those of its proxies, or clients go round them.
 */
export class FaultProxy {
  private readonly requests = freeLane();
  private readonly answers = freeLane();
  private readonly connections = new Set<Connection>();
  private refuses = false;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** `target` is host:port. */
  static async to(target: string, { listen = '127.0.0.1:0' }: ProxyOptions = {}): Promise<FaultProxy> {
    const [host, port] = target.split(':') as [string, string];
    const [listenHost, listenPort] = listen.split(':') as [string, string];
    const server = createServer((client) => proxy.take(client, () => connect(Number(port), host)));
    server.listen(Number(listenPort), listenHost);
    await once(server, 'listening');
    const proxy = new FaultProxy(server, `${listenHost}:${(server.address() as AddressInfo).port}`);
    return proxy;
  }

  /** Everything the server answers comes so much later, in its order; 0 ends it for what comes from now on. */
  delayAnswers(ms: number): void {
    this.answers.delayMs = ms;
    this.look();
  }

  /** Requests still arrive and are carried out, but no answer comes back until the connections are cut. */
  loseAnswers(): void {
    this.answers.discards = true;
  }

  /** Half-open: connections stay and nothing passes, as behind a network that swallows packets. */
  freeze(): void {
    this.requests.frozen = this.answers.frozen = true;
  }

  /** Both directions of each connection together pass so many bytes per second each; 0: no limit. */
  throttle(bytesPerSecond: number): void {
    this.requests.bytesPerSecond = this.answers.bytesPerSecond = bytesPerSecond;
    this.look();
  }

  /** New connections are closed at once. */
  refuse(): void {
    this.refuses = true;
  }

  /** Cuts every open connection; new ones are taken unless refused. */
  cut(): void {
    for (const { client, upstream } of this.connections) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** Ends every fault. Connections of which answers were lost have to be cut first: their streams have gaps. */
  heal(): void {
    this.refuses = false;
    Object.assign(this.requests, freeLane());
    Object.assign(this.answers, freeLane());
    this.look();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private look(): void {
    for (const { lanes } of this.connections) for (const lane of lanes) lane.look();
  }

  private take(client: Socket, connectUpstream: () => Socket): void {
    client.on('error', () => undefined); // a fault that was asked for; 'close' follows
    if (this.refuses) {
      client.destroy();
      return;
    }
    const upstream = connectUpstream();
    const [requests, answers] = [new FaultLane(this.requests), new FaultLane(this.answers)];
    const connection: Connection = { client, upstream, lanes: [requests, answers] };
    this.connections.add(connection);
    upstream.on('error', () => undefined);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.once('close', () => {
        this.connections.delete(connection);
        client.destroy();
        upstream.destroy();
        for (const lane of connection.lanes) lane.destroy();
      });
    }
    client.pipe(requests).pipe(upstream);
    upstream.pipe(answers).pipe(client);
  }
}
