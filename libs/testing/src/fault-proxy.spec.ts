import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { FaultProxy } from './fault-proxy.js';

describe('FaultProxy', () => {
  it('passes bytes both ways, delays answers in their order while told to, and cuts connections', async () => {
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const proxy = await FaultProxy.to(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
    const client = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
    const answer = async (text: string): Promise<{ text: string; ms: number }> => {
      const since = performance.now();
      client.write(text);
      const [data] = (await once(client, 'data')) as [Buffer];
      return { text: data.toString(), ms: performance.now() - since };
    };
    expect((await answer('a')).text).toBe('a');
    proxy.delayAnswers(150);
    const delayed = await answer('b');
    expect(delayed.text).toBe('b');
    expect(delayed.ms).toBeGreaterThanOrEqual(145);
    proxy.delayAnswers(0);
    expect((await answer('c')).ms).toBeLessThan(145);
    proxy.cut();
    await once(client, 'close');
    await proxy.close();
    echo.close();
  });
});
