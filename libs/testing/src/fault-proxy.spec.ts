import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.js';

describe('FaultProxy', () => {
  let echo: Server;
  let proxy: FaultProxy;
  let client: Socket;
  /** what the echo server read, by the port of whoever sent it */
  let arrivedByPort: Map<number, string>;

  /** What came through the proxy. */
  const arrived = (): string => [...arrivedByPort.values()].join('');
  const connected = async (): Promise<Socket> => {
    const socket = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined); // a cut connection may be reset; 'close' is what is awaited
    await once(socket, 'connect');
    return socket;
  };
  const answer = async (text: string): Promise<{ text: string; ms: number }> => {
    const since = performance.now();
    client.write(text);
    const [data] = (await once(client, 'data')) as [Buffer];
    return { text: data.toString(), ms: performance.now() - since };
  };
  /** Whatever the proxy has passed by now gets so much time to arrive: round trips past it, each as long as one through it. */
  const roundTripsPastTheProxy = async (): Promise<void> => {
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    await once(direct, 'connect');
    for (let n = 0; n < 10; n++) {
      direct.write('.');
      await once(direct, 'data');
    }
    arrivedByPort.delete(direct.localPort!);
    direct.destroy();
  };

  beforeEach(async () => {
    arrivedByPort = new Map();
    echo = createServer((socket) => {
      const port = socket.remotePort!;
      socket.on('error', () => undefined);
      socket.on('data', (data) => arrivedByPort.set(port, (arrivedByPort.get(port) ?? '') + data.toString()));
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await FaultProxy.to(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
    client = await connected();
  });

  afterEach(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });

  it('passes bytes both ways, and delays answers in their order while told to', async () => {
    expect((await answer('a')).text).toBe('a');
    proxy.delayAnswers(150);
    const delayed = await answer('b');
    expect(delayed.text).toBe('b');
    expect(delayed.ms).toBeGreaterThanOrEqual(145);
    proxy.delayAnswers(600_000);
    proxy.delayAnswers(0);
    expect((await answer('c')).text).toBe('c'); // before this test's time is over
  });

  it('cuts connections, and refuses new ones while told to', async () => {
    proxy.refuse();
    proxy.cut();
    await once(client, 'close');
    const refused = await connected();
    await once(refused, 'close');
    proxy.heal();
    client = await connected();
    expect((await answer('again')).text).toBe('again');
  });

  it('loses answers to requests that were carried out', async () => {
    let answered = '';
    client.on('data', (data) => (answered += data.toString()));
    proxy.loseAnswers();
    client.write('done');
    await untilTrue(() => arrived() === 'done');
    await roundTripsPastTheProxy();
    proxy.cut();
    await once(client, 'close');
    expect(answered).toBe('');
  });

  it('swallows everything while frozen, and lets it through when it is healed', async () => {
    await answer('before,'); // the connection stands on both sides
    proxy.freeze();
    client.write('held');
    await roundTripsPastTheProxy();
    expect(arrived()).toBe('before,');
    const answered = once(client, 'data');
    proxy.heal();
    const [data] = (await answered) as [Buffer];
    expect([data.toString(), arrived()]).toEqual(['held', 'before,held']);
  });

  it('passes no more than so many bytes per second', async () => {
    proxy.throttle(1_000);
    const since = performance.now();
    await answer('x'.repeat(100)); // the lane is free again 100 ms after it has passed
    await answer('y');
    expect(performance.now() - since).toBeGreaterThanOrEqual(95);
  });
});

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
