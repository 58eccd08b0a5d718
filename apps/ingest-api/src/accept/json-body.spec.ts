import { RedriveBody } from '@orderstream/contracts/dto';
import { chunksOf } from './chunks.fixture.js';
import { readJsonBody } from './json-body.js';

const GROUP = '0123456789abcdef';
const read = (text: string, contentType = 'application/json') =>
  readJsonBody({ body: chunksOf(text), contentType }, RedriveBody);

describe('a JSON body', () => {
  it('is its DTO, with the defaults of what is left out, and a patch as it came', async () => {
    const patch = { a: null, b: { c: [1, { d: null }] } };
    const body = await read(JSON.stringify({ group: GROUP, patch }), 'application/json; charset=utf-8');
    expect(body).toMatchObject({ group: GROUP, rate: 500, dryRun: false, patch });
    expect(JSON.stringify(body.patch)).toBe(JSON.stringify(patch));
  });

  it.each([
    ['{"group":', 'bad_json'],
    ['', 'bad_json'],
    ['[]', 'bad_body'],
    ['null', 'bad_body'],
    [`{"group":"${GROUP}","rate":"500"}`, 'bad_body'],
    [`{"group":"${GROUP}","patch":{}}`, 'bad_body'],
    [`{"group":"x"}`, 'bad_body'],
    [`{"ids":[]}`, 'bad_body'],
    [`{"ids":[1]}`, 'bad_body'],
    [`{"speed":1}`, 'bad_body'],
  ])('%s is refused: %s', async (text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });

  it('names every field that is wrong', async () => {
    const wrong = read(JSON.stringify({ job: 'x', rate: 0 }));
    await expect(wrong).rejects.toMatchObject({ extra: { errors: [{ field: 'job' }, { field: 'rate' }] } });
  });

  it('of another type, or above 1 MiB, is refused', async () => {
    await expect(read('{}', 'text/csv')).rejects.toMatchObject({ code: 'unsupported_media_type' });
    await expect(read('{}', 'application/jsonl')).rejects.toMatchObject({ code: 'unsupported_media_type' });
    await expect(read(' '.repeat(1_048_577))).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it.each(['patch', 'dryRun', 'rate', 'group', 'job', 'ids'])(
    'with a null for %s is refused: it is not left out',
    (field) =>
      expect(read(JSON.stringify({ group: GROUP, [field]: null }))).rejects.toMatchObject({ code: 'bad_body' }),
  );
});
