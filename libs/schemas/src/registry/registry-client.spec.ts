import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerSchema } from './register-schema.js';
import { RegistryClient, type RegistryOptions } from './registry-client.js';
import { CERTIFICATE, KEY } from './tls.fixture.js';

const SECRET = 'p@ss:word';
const AUTHORIZATION = `Basic ${Buffer.from(`ada:${SECRET}`).toString('base64')}`;

describe('the client of the registry', () => {
  const servers: Server[] = [];
  const clients: RegistryClient[] = [];
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'client-'))));
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const listening = async (server: Server): Promise<number> => {
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const plain = async (listener: RequestListener): Promise<string> =>
    `http://127.0.0.1:${await listening(createHttpServer(listener))}`;
  const secure = async (listener: RequestListener): Promise<string> =>
    `https://127.0.0.1:${await listening(createHttpsServer({ key: KEY, cert: CERTIFICATE }, listener))}`;
  const pem = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const clientOf = (options: RegistryOptions): RegistryClient => {
    clients.push(new RegistryClient(options));
    return clients.at(-1)!;
  };
  const guarded: RequestListener = (request, response) => {
    const isKnown = request.headers.authorization === AUTHORIZATION;
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(isKnown ? { path: request.url } : { message: 'who?' }));
  };

  it('shows its password, from the settings or from the URL, and tells it to nobody else', async () => {
    const url = await plain(guarded);
    const withSettings = clientOf({ urls: [`${url}/apis/v7/`], credentials: { username: 'ada', password: SECRET } });
    expect(await withSettings.ask('GET', '/subjects')).toEqual({ status: 200, body: { path: '/apis/v7/subjects' } });
    const withUrl = clientOf({ urls: [url.replace('//', `//ada:${encodeURIComponent(SECRET)}@`)] });
    expect((await withUrl.ask('GET', '/subjects')).status).toBe(200);
    expect(withUrl.addresses).toEqual([url]);
    expect((await clientOf({ urls: [url] }).ask('GET', '/')).status).toBe(401);
    const gone = clientOf({ urls: ['http://ada:secret@127.0.0.1:1'] });
    await expect(gone.ask('GET', '/')).rejects.toThrow(expect.not.stringContaining('secret') as Error);
  });

  it('trusts the authority that it is told of, and no other', async () => {
    const url = await secure(guarded);
    const credentials = { username: 'ada', password: SECRET };
    const trusting = clientOf({ urls: [url], credentials, tls: { ca: pem('ca.pem', CERTIFICATE) } });
    expect((await trusting.ask('GET', '/')).status).toBe(200);
    await expect(clientOf({ urls: [url], credentials }).ask('GET', '/')).rejects.toThrow(/self-signed|certificate/);
  });

  it('shows its certificate where it is asked for one', async () => {
    const options = { key: KEY, cert: CERTIFICATE, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: true };
    const server = createHttpsServer(options, (_request, response) => response.end('{}'));
    const url = `https://127.0.0.1:${await listening(server)}`;
    const [ca, cert, key] = [pem('ca.pem', CERTIFICATE), pem('cert.pem', CERTIFICATE), pem('key.pem', KEY)];
    expect((await clientOf({ urls: [url], tls: { ca, cert, key } }).ask('GET', '/')).status).toBe(200);
    await expect(clientOf({ urls: [url], tls: { ca } }).ask('GET', '/')).rejects.toMatchObject({ retriable: true });
  });

  it('says which file it cannot read', () => {
    const options = { urls: ['http://r'], tls: { ca: join(dir, 'none.pem') } };
    expect(() => new RegistryClient(options)).toThrow(/SCHEMA_REGISTRY_CA=.*none.pem cannot be read/);
  });

  it('asks the next registry where one does not answer, is overloaded or too slow, and goes on with that one', async () => {
    const asked: string[] = [];
    const answering =
      (name: string, status: number): RequestListener =>
      (_request, response) => {
        asked.push(name);
        if (status === 0) return; // never
        response.writeHead(status).end('{}');
      };
    const urls = [
      'http://127.0.0.1:1',
      await plain(answering('hung', 0)),
      await plain(answering('overloaded', 503)),
      await plain(answering('good', 404)),
    ];
    const client = clientOf({ urls, timeoutMs: 200 });
    expect((await client.ask('GET', '/schemas/ids/1')).status).toBe(404);
    expect((await client.ask('GET', '/schemas/ids/2')).status).toBe(404);
    expect(asked).toEqual(['hung', 'overloaded', 'good', 'good']);
    const bad = clientOf({ urls: urls.slice(0, 3), timeoutMs: 200 }).ask('GET', '/');
    await expect(bad).rejects.toMatchObject({ retriable: true, message: expect.stringContaining('no answer in time') });
    servers.forEach((server) => server.closeAllConnections());
  });

  it('names the fields that a registry with reasons of its own refuses, before anything is registered', async () => {
    const posted: string[] = [];
    const url = await plain((request, response) => {
      if (request.method === 'POST') posted.push(request.url!);
      const messages = [`{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'... at path '/fields/1' ...'}`];
      const isCheck = request.url!.startsWith('/compatibility');
      const known = request.url!.startsWith('/config') ? { compatibilityLevel: 'FULL' } : { id: 1 };
      response.end(JSON.stringify(isCheck ? { is_compatible: false, messages } : known));
    });
    const fields = ['id', 'colour'].map((name) => ({ name, type: 'string' as const }));
    const registering = registerSchema(clientOf({ urls: [url] }), 's-value', { type: 'record', name: 's', fields });
    await expect(registering).rejects.toThrow(/s-value breaks the rule FULL \(field colour\)[^]*READER_FIELD_MISSING/);
    expect(posted).toEqual(['/compatibility/subjects/s-value/versions/latest?verbose=true']);
  });

  it('leaves a stricter rule of the whole registry alone, and makes a laxer one BACKWARD for its subject', async () => {
    for (const [rule, set] of [
      ['FULL_TRANSITIVE', []],
      ['BACKWARD', []],
      ['FORWARD', [{ compatibility: 'BACKWARD' }]],
      ['NONE', [{ compatibility: 'BACKWARD' }]],
    ] as const) {
      const puts: unknown[] = [];
      // As Confluent's: a subject without a rule of its own is not found, unless that of the registry is asked for.
      const url = await plain((request, response) => {
        const isConfig = request.url!.startsWith('/config/s-value');
        const pieces: Buffer[] = [];
        request.on('data', (piece: Buffer) => void pieces.push(piece));
        request.on('end', () => {
          if (request.method === 'PUT') puts.push(JSON.parse(Buffer.concat(pieces).toString()));
          else if (isConfig && !request.url!.endsWith('?defaultToGlobal=true')) response.statusCode = 404;
          response.end(JSON.stringify(isConfig ? { compatibilityLevel: rule } : { id: 1, is_compatible: true }));
        });
      });
      await registerSchema(clientOf({ urls: [url] }), 's-value', { type: 'record', name: 's', fields: [] });
      expect([rule, puts]).toEqual([rule, set]);
    }
  });

  it('says what to do where the registry does not let it in', async () => {
    const client = clientOf({ urls: [await plain(guarded)] });
    const schema = { type: 'record', name: 's', fields: [] } as const;
    await expect(registerSchema(client, 's-value', schema)).rejects.toMatchObject({
      retriable: false,
      message: expect.stringMatching(/401: who\?.*SCHEMA_REGISTRY_USERNAME/),
    });
  });
});
