import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { discardRest } from './discard-rest.js';

const MIB = 1024 * 1024;

/** What a route has done with the body when it answers. */
const READERS: Readonly<Record<string, (request: IncomingMessage) => Promise<unknown>>> = {
  'not read': () => Promise.resolve(),
  'read in part': async (request) => {
    for await (const _ of request.iterator({ destroyOnReturn: false })) return;
  },
  'being waited for': async (request) => {
    const chunks = request.iterator({ destroyOnReturn: false });
    await chunks.next();
    chunks.next().catch(() => undefined);
  },
};

describe('discardRest', () => {
  let server: Server;
  let client: Socket;
  let read: (request: IncomingMessage) => Promise<unknown>;

  beforeEach(async () => {
    server = createServer((request, response) => {
      discardRest(request, response);
      void read(request).then(() => response.writeHead(422).end('refused'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  const begin = (connection: string, bytes: number): void => {
    const head = `POST / HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\ncontent-length: ${bytes}\r\n\r\n`;
    client.write(Buffer.concat([Buffer.from(head), Buffer.alloc(MIB, 'x')]));
  };
  /** Resolves once the system has taken it all; rejects with a reset. */
  const sendOn = (bytes: number): Promise<void> =>
    new Promise((resolve, reject) => {
      client.once('error', reject);
      client.write(Buffer.alloc(bytes, 'x'), (error) => (error ? reject(error) : resolve()));
    });

  const cases = Object.keys(READERS).flatMap((name) => [[name, 'keep-alive'] as const, [name, 'close'] as const]);
  it.each(cases)(
    'a body that is %s, Connection: %s: the rest is read and the answer arrives',
    async (name, connection) => {
      read = READERS[name]!;
      begin(connection, 7 * MIB);
      const [first] = (await once(client, 'data')) as [Buffer];
      expect(first.toString()).toMatch(/^HTTP\/1\.1 422 /);
      await sendOn(6 * MIB);
      if (connection === 'close') {
        await text(client); // ends by itself, without a reset
        return;
      }
      begin('close', MIB);
      expect(await text(client)).toMatch(/HTTP\/1\.1 422 /);
    },
  );

  it.each(Object.keys(READERS))(
    'a body that is %s and has no end: the connection is closed after 2 s',
    async (name) => {
      read = READERS[name]!;
      begin('keep-alive', 100 * MIB);
      client.on('error', () => undefined).resume();
      const from = performance.now();
      await once(client, 'close');
      expect(performance.now() - from).toBeGreaterThan(1_500);
    },
  );

  it('a body that goes on beyond 8 MiB: the connection is closed, whatever time it is', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(0); // the 2 s are never over
    server.keepAliveTimeout = 0; // nor are those after which Node itself would close it
    try {
      read = READERS['not read']!;
      client.on('error', () => undefined).resume();
      const closed = once(client, 'close');
      begin('keep-alive', 100 * MIB);
      client.write(Buffer.alloc(20 * MIB, 'x'));
      await closed;
    } finally {
      now.mockRestore();
    }
  });
});
