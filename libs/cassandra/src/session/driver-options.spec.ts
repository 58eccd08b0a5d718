import { driverOptions } from './driver-options.js';

const optionsAt = (...contactPoints: string[]) =>
  driverOptions({ contactPoints, localDataCenter: 'dc', keyspace: 'ks' });

describe('what the driver is told', () => {
  it.each([
    ['10.0.0.1:19042', 19_042],
    ['cassandra.example:9142', 9_142],
    ['[::1]:9242', 9_242],
    ['10.0.0.1', undefined],
    ['::1', undefined],
  ])('nodes found through %s are asked at port %p', (contactPoint, port) => {
    expect(optionsAt(contactPoint).protocolOptions?.port).toBe(port);
  });

  it('writes are repeated by it, at LOCAL_QUORUM, within five seconds', () => {
    expect(optionsAt('h')).toMatchObject({
      queryOptions: { isIdempotent: true, consistency: 6, prepare: true },
      socketOptions: { readTimeout: 5_000, tcpNoDelay: true },
      protocolOptions: { maxVersion: 4 },
    });
  });

  it('maps stay plain objects, which is how the driver reads the replication of a keyspace', () => {
    expect(optionsAt('h').encoding).not.toHaveProperty('map');
  });

  it('a secure connect bundle replaces contact points and TLS', () => {
    const options = driverOptions({
      contactPoints: ['h'],
      localDataCenter: 'dc',
      keyspace: 'ks',
      secureConnectBundle: 'b.zip',
      tls: {},
    });
    expect(options).toMatchObject({ cloud: { secureConnectBundle: 'b.zip' } });
    expect(options).not.toHaveProperty('contactPoints');
    expect(options).not.toHaveProperty('sslOptions');
  });
});
