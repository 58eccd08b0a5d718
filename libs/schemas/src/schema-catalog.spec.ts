import type { RegistryAnswer, RegistryClient } from './registry/registry-client.js';
import { RegistryError } from './registry/registry-errors.js';
import { SchemaCatalog } from './schema-catalog.js';

const wire = (id: number) => {
  const value = Buffer.alloc(6);
  value.writeUInt32BE(id, 1);
  return { value };
};
const JSON_RECORD = { value: Buffer.from('{}') };
const AVRO: RegistryAnswer = { status: 200, body: { schema: '"int"' } };
const NOT_FOUND: RegistryAnswer = { status: 404, body: { message: 'no such id' } };

/** Answers as told, and remembers what it was asked for. */
function scripted(answerOf: (id: number) => RegistryAnswer | Error | Promise<RegistryAnswer>) {
  const asked: number[] = [];
  const ask = async (_method: string, path: string): Promise<RegistryAnswer> => {
    const id = Number(path.split('/').at(-1));
    asked.push(id);
    const answer = await answerOf(id);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, client: { ask } as unknown as RegistryClient };
}

describe('the schemas that records name', () => {
  it('are asked for once, also by batches that come at the same time', async () => {
    let answer: (found: RegistryAnswer) => void = () => undefined;
    const { asked, client } = scripted(() => new Promise((resolve) => (answer = resolve)));
    const catalog = new SchemaCatalog(client);
    const both = [catalog.resolve([wire(1), wire(1)], 1_000), catalog.resolve([JSON_RECORD, wire(1)], 1_000)];
    await new Promise(setImmediate);
    answer(AVRO);
    expect((await Promise.all(both)).map(({ readable }) => readable)).toEqual([2, 2]);
    await catalog.resolve([wire(1)], 1_000);
    expect(asked).toEqual([1]);
    expect(catalog.schemaOf(1).kind).toBe('avro');
  });

  it('are unknown for a while where the registry does not have them, and are asked for again then', async () => {
    let now = 0;
    let found = NOT_FOUND;
    const { asked, client } = scripted(() => found);
    const catalog = new SchemaCatalog(client, { negativeMs: 100, settlingMs: 0, now: () => now });
    expect((await catalog.resolve([wire(5)], 1_000)).readable).toBe(1);
    expect(catalog.schemaOf(5)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('id 5') });
    now = 99;
    await catalog.resolve([wire(5)], 1_000);
    expect(asked).toEqual([5]);
    [now, found] = [100, AVRO];
    await catalog.resolve([wire(5)], 1_000);
    expect(asked).toEqual([5, 5]);
    expect(catalog.schemaOf(5).kind).toBe('avro');
  });

  it('wait where the registry has just begun to answer, for it may not have read its data yet', async () => {
    let now = 0;
    let answer: RegistryAnswer | Error = NOT_FOUND;
    const { client } = scripted(() => answer);
    const catalog = new SchemaCatalog(client, { settlingMs: 100, now: () => now });
    expect((await catalog.resolve([wire(5)], 1_000)).readable).toBe(0);
    [now, answer] = [99, AVRO];
    expect((await catalog.resolve([wire(5)], 1_000)).readable).toBe(1);
    [now, answer] = [200, new RegistryError('gone', true)];
    await catalog.resolve([wire(6)], 1_000);
    [now, answer] = [250, NOT_FOUND];
    expect((await catalog.resolve([wire(6)], 1_000)).readable).toBe(0);
    expect(catalog.away).toMatch(/just begun/);
  });

  it('wait where the registry does not know any more what it told before', async () => {
    let isEmpty = false;
    const { client } = scripted((id) => (id === 1 && !isEmpty ? AVRO : NOT_FOUND));
    const catalog = new SchemaCatalog(client, { settlingMs: 0 });
    await catalog.resolve([wire(1)], 1_000);
    isEmpty = true;
    expect((await catalog.resolve([wire(2)], 1_000)).readable).toBe(0);
    expect(catalog.away).toMatch(/schema 1 any more/);
    isEmpty = false;
    expect((await catalog.resolve([wire(2)], 1_000)).readable).toBe(1);
    expect(catalog.schemaOf(2).kind).toBe('unknown');
  });

  it.each([
    ['no answer', new RegistryError('the schema registry does not answer', true)],
    ['a refusal that is not about the id', { status: 401, body: { message: 'who are you' } }],
  ])('keep their record and those behind it waiting on %s', async (_name, failure) => {
    let isAway = true;
    const { client } = scripted((id) => (id === 1 || !isAway ? AVRO : failure));
    const catalog = new SchemaCatalog(client);
    const batch = [wire(1), JSON_RECORD, wire(2), JSON_RECORD];
    expect((await catalog.resolve(batch, 1_000)).readable).toBe(2);
    expect(catalog.away).toMatch(/does not answer|answers 401: who are you/);
    isAway = false;
    expect((await catalog.resolve(batch, 1_000)).readable).toBe(4);
    expect(catalog.away).toBeUndefined();
  });

  it.each([
    [
      { schemaType: 'PROTOBUF', schema: 'message A {}' },
      { kind: 'unsupported', type: 'PROTOBUF' },
    ],
    [{ schemaType: 'JSON', schema: '{}' }, { kind: 'json' }],
    [{ schema: '"int"', references: [{ subject: 's' }] }, { kind: 'unsupported' }],
    [{ schema: '{"type":"no such type"}' }, { kind: 'unknown', reason: expect.stringContaining('cannot be used') }],
  ])('are what the registry says: %j', async (body, kind) => {
    const { client } = scripted(() => ({ status: 200, body }));
    const catalog = new SchemaCatalog(client);
    await catalog.resolve([wire(3)], 1_000);
    expect(catalog.schemaOf(3)).toMatchObject(kind);
  });

  it('cannot fill the memory with ids that mean nothing', async () => {
    const { asked, client } = scripted(() => NOT_FOUND);
    const catalog = new SchemaCatalog(client, { settlingMs: 0, now: () => 0 });
    await catalog.resolve(
      Array.from({ length: 1_100 }, (_, id) => wire(id)),
      1_000,
    );
    await catalog.resolve([wire(1_099)], 1_000);
    expect(asked).toHaveLength(1_100);
    await catalog.resolve([wire(0)], 1_000);
    expect(asked).toHaveLength(1_101);
  });

  it('are all unknown without a registry, and nothing waits', async () => {
    const catalog = new SchemaCatalog(undefined);
    const { readable, schemas } = await catalog.resolve([wire(1)], 1_000);
    expect(readable).toBe(1);
    expect(schemas.schemaOf(1)).toMatchObject({ reason: expect.stringContaining('no schema registry') });
  });
});
