import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.js';

describe('FaultProxy', () => {
  let echo: Server;
  let proxy: FaultProxy;
  let client: Socket;
  let arrived: string;

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

  beforeEach(async () => {
    arrived = '';
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => (arrived += data.toString()));
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
    proxy.delayAnswers(0);
    expect((await answer('c')).ms).toBeLessThan(145);
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
    proxy.loseAnswers();
    client.write('done');
    client.on('data', () => expect('an answer').toBe('lost'));
    await untilTrue(() => arrived === 'done');
    proxy.cut();
    await once(client, 'close');
  });

  it('swallows everything while frozen, and lets it through when it is healed', async () => {
    proxy.freeze();
    client.write('held');
    const other = await connected();
    expect(arrived).toBe('');
    other.destroy();
    const answered = once(client, 'data');
    proxy.heal();
    const [data] = (await answered) as [Buffer];
    expect([data.toString(), arrived]).toEqual(['held', 'held']);
  });

  it('passes no more than so many bytes per second', async () => {
    proxy.throttle(1_000);
    await answer('x'.repeat(100)); // the lane is free again 100 ms later
    expect((await answer('y')).ms).toBeGreaterThanOrEqual(95);
  });
});

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
