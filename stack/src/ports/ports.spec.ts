import { createServer, type AddressInfo, type Server } from 'node:net';
import { assertPortsFree, PortTakenError } from './free-ports.js';
import { listeningInodes, parseLsof, portOwner } from './port-owner.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:2384 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0`;

describe('the owner of a port', () => {
  it('is whose socket listens there, not whose is connected there', () => {
    expect(listeningInodes(TABLE, 9092)).toEqual(['4711']);
    expect(listeningInodes(TABLE, 80)).toEqual(['4713']);
    expect(listeningInodes(TABLE, 81)).toEqual([]);
  });

  it('is read from lsof elsewhere', () => {
    expect(parseLsof('p123\ncjava\nf7\np124\ncnode\n')).toEqual({ pid: 123, command: 'java' });
    expect(parseLsof('')).toBeUndefined();
  });
});

describe('a port that is taken', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  it('stops the start and names port, process and both ways on', async () => {
    const need = { port, purpose: 'Kafka', variable: 'KAFKA_PORT', useInstead: `KAFKA_BROKERS=127.0.0.1:${port}` };
    const refusal = await assertPortsFree([need]).catch((error: unknown) => error as Error);
    expect(refusal).toBeInstanceOf(PortTakenError);
    expect(String(refusal)).toContain(`Port ${port}, which Kafka needs`);
    expect(String(refusal)).toContain(`process ${process.pid} (`);
    expect(String(refusal)).toContain(`set KAFKA_BROKERS=127.0.0.1:${port}`);
    expect(String(refusal)).toContain('set KAFKA_PORT to a free port');
  });

  it('is free again when its process has let go', async () => {
    await new Promise((closed) => server.close(closed));
    await expect(assertPortsFree([{ port, purpose: 'Kafka', variable: 'KAFKA_PORT' }])).resolves.toBeUndefined();
    expect(portOwner(port)).toBeUndefined();
    server.listen(0);
  });
});
