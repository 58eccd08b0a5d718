import { metadataRequestBody, readTopicIdentities } from './metadata-request.js';

const ID = '0b0f7a52-54ff-4a59-9d79-a6f0fc0b2e0a';
const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
const int32 = (value: number): Buffer => Buffer.from([0, 0, 0, value]);

/** One broker, with a tagged field nobody knows, and two topics, written down by hand from the protocol's description. */
const ANSWER = Buffer.concat([
  bytes(0),
  int32(0),
  bytes(2),
  int32(1),
  bytes(5, 'host'),
  int32(9),
  bytes(0, 1, 7, 2, 'xy'),
  bytes(3, 'id'),
  int32(1),
  bytes(3),
  ...[bytes(0, 0, 7, 'orders'), Buffer.from(ID.replaceAll('-', ''), 'hex'), bytes(0)],
  ...[bytes(2, 0, 0), int32(0), int32(1), int32(3), bytes(2), int32(1), bytes(2), int32(1), bytes(1, 0)],
  ...[int32(0), bytes(0)],
  ...[bytes(0, 3, 5, 'gone'), Buffer.alloc(16), bytes(0), bytes(1), int32(0), bytes(0)],
  bytes(0),
]);

describe('the question for the id of a topic', () => {
  it('reads the id of each topic past brokers, partitions and fields it does not know', () => {
    expect(readTopicIdentities(ANSWER)).toEqual([
      { name: 'orders', error: 0, id: ID },
      { name: 'gone', error: 3, id: '00000000-0000-0000-0000-000000000000' },
    ]);
  });

  it('fails on an answer that is cut off', () => {
    expect(() => readTopicIdentities(ANSWER.subarray(0, 30))).toThrow('out of range');
  });

  it('names the topic and creates nothing', () => {
    const body = metadataRequestBody(['t'.repeat(200)]);
    expect(body.toString('hex')).toBe(`0002${'00'.repeat(16)}c901${'74'.repeat(200)}00000000`);
  });
});
