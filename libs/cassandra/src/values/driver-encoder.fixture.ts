import cassandra from 'cassandra-driver';

interface DriverEncoder {
  encode(value: unknown, type: object): Buffer;
  decode(bytes: unknown, type: object): unknown;
}

/** The driver's own encoder, which its types do not have: what ours writes is held against it. */
export const driverEncoder = new (
  cassandra as unknown as { Encoder: new (version: number, options: object) => DriverEncoder }
).Encoder(4, { encoding: { useBigIntAsLong: true } });
