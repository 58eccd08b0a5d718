import { assertSpeaksMetadata, metadataRequest, parseMetadata, probeKafka } from './kafka.probe.js';
import { listenOn, type ScriptedServer } from './scripted-server.fixture.js';

const int32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(n);
  return bytes;
};
const int16 = (n: number) => int32(n).subarray(2);
const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
const sized = (...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length), body]);
};

const versions = (min: number, max: number) =>
  sized(int32(18), int16(0), int32(2), int16(0), int16(3), int16(13), int16(3), int16(min), int16(max));
const broker = Buffer.concat([int32(1), text('127.0.0.1'), int32(9092), int16(-1)]);
const metadata = (controller: number, brokers: Buffer[]) =>
  sized(int32(3), int32(0), int32(brokers.length), ...brokers, text('the-cluster'), int32(controller), int32(0));

describe('Kafka probe', () => {
  it('reads cluster, controller and brokers out of a Metadata answer', () => {
    expect(parseMetadata(metadata(1, [broker]))).toEqual({
      clusterId: 'the-cluster',
      controllerId: 1,
      brokers: [{ id: 1, host: '127.0.0.1', port: 9092 }],
    });
  });

  it('asks about no topic and creates none', () => {
    expect(metadataRequest().subarray(-5)).toEqual(Buffer.from([0, 0, 0, 0, 0]));
  });

  it('refuses a broker that does not speak its version', () => {
    expect(() => assertSpeaksMetadata(versions(0, 13))).not.toThrow();
    expect(() => assertSpeaksMetadata(versions(5, 13))).toThrow(/does not speak Metadata/);
  });

  describe('over a connection', () => {
    let server: ScriptedServer | undefined;
    afterEach(() => server?.close());

    it('is content with a broker that knows a controller, although its answers come in pieces', async () => {
      server = await listenOn([versions(0, 13), metadata(1, [broker])], 7);
      await expect(probeKafka(server.address, 2000)).resolves.toMatchObject({ clusterId: 'the-cluster' });
    });

    it('refuses a broker that has no controller yet', async () => {
      server = await listenOn([versions(0, 13), metadata(-1, [broker])]);
      await expect(probeKafka(server.address, 2000)).rejects.toThrow(/no controller/);
    });

    it('gives up on a server that says nothing', async () => {
      server = await listenOn([]);
      await expect(probeKafka(server.address, 100)).rejects.toThrow(/no answer in time/);
    });

    it('gives up on a server that hangs up', async () => {
      server = await listenOn(['close']);
      await expect(probeKafka(server.address, 2000)).rejects.toThrow(/connection was closed|ECONNRESET/);
    });

    it('refuses something else that listens there', async () => {
      server = await listenOn([Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]);
      await expect(probeKafka(server.address, 5000)).rejects.toThrow(/does not speak the Kafka protocol/);
    });

    it('says so when nobody listens', async () => {
      const gone = await listenOn([]);
      await gone.close();
      await expect(probeKafka(gone.address, 2000)).rejects.toThrow(/ECONNREFUSED/);
    });
  });
});
