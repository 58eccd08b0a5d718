import { parseAddress } from './conversation.js';
import { firstCell, probeCassandra, startupRequest } from './cql.probe.js';
import { listenOn, type ScriptedServer } from './scripted-server.fixture.js';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const answer = (opcode: number, body: Buffer = Buffer.alloc(0)) => {
  const header = Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, 0]);
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
};

/** Rows, global table spec, one column: system.local.cluster_name varchar, one row: "orderstream". */
const rows = hex(`
  00000002 00000001 00000001
  0006 73797374656d 0005 6c6f63616c 000c 636c75737465725f6e616d65 000d
  00000001 0000000b 6f7264657273747265616d`);
const READY = answer(0x02);
const AUTHENTICATE = answer(0x03, hex('0001 61'));
const OVERLOADED = answer(0x00, hex('00001001 0004 62757379'));

describe('Cassandra probe', () => {
  let server: ScriptedServer | undefined;
  afterEach(() => server?.close());

  it('greets as the native protocol v4 wants it', () => {
    expect(startupRequest().toString('hex')).toBe(
      '040000000100000016' + '0001' + '000b43514c5f56455253494f4e' + '0005332e302e30',
    );
  });

  it('reads the one cell of a result', () => {
    expect(firstCell(rows)).toBe('orderstream');
  });

  it('names the cluster of a node that is ready', async () => {
    server = await listenOn([READY, answer(0x08, rows)], 5);
    await expect(probeCassandra(server.address, 2000)).resolves.toEqual({ clusterName: 'orderstream' });
  });

  it('is content with a node that asks for a password', async () => {
    server = await listenOn([AUTHENTICATE]);
    await expect(probeCassandra(server.address, 2000)).resolves.toEqual({ clusterName: undefined });
  });

  it('passes on what a node that is not ready says', async () => {
    server = await listenOn([OVERLOADED]);
    await expect(probeCassandra(server.address, 2000)).rejects.toThrow(/error 4097: busy/);
  });

  it('refuses something else that listens there', async () => {
    server = await listenOn([Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]);
    await expect(probeCassandra(server.address, 5000)).rejects.toThrow(/does not speak CQL/);
  });
});

describe('parseAddress', () => {
  it('reads host, host:port and IPv6 in brackets', () => {
    expect(parseAddress('node1', 9042)).toEqual({ host: 'node1', port: 9042 });
    expect(parseAddress(' node1:9999 ', 9042)).toEqual({ host: 'node1', port: 9999 });
    expect(parseAddress('[::1]:9999', 9042)).toEqual({ host: '::1', port: 9999 });
  });

  it.each(['', 'a:b', 'node1:0', 'node1:65536', 'http://node1'])('refuses "%s"', (text) => {
    expect(() => parseAddress(text, 9042)).toThrow(/is not host:port/);
  });
});
