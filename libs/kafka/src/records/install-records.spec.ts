import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLIENT = new URL('../../dist/kafka-client.js', import.meta.url);
const FOLDER = 'kafkajs/src/protocol/';

/** In a process of its own: in a test, modules are not Node's. */
const SCRIPT = `
  import { createRequire } from 'node:module';
  const require = createRequire(${JSON.stringify(fileURLToPath(import.meta.url))});
  const isLoaded = (path) => require.resolve('${FOLDER}' + path) in require.cache;
  const { createKafka } = await import(${JSON.stringify(CLIENT.href)});
  createKafka({ brokers: ['127.0.0.1:9'], clientId: 'one' });
  const tooEarly = ['recordBatch/v0/decoder', 'requests/produce/v4/request'].filter(isLoaded);
  createKafka({ brokers: ['127.0.0.1:9'], clientId: 'another' });
  const places = ['recordBatch/record/v0/decoder', 'requests/produce/v3/request'];
  const symbols = places.map((path) => Object.getOwnPropertySymbols(require('${FOLDER}' + path)).map(String));
  console.log(JSON.stringify({ tooEarly, symbols }));
`;

it('our decoder and our produce request are in the place of kafkajs’s before anything of it has taken these', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
  const ours = ['Symbol(orderstream.records)'];
  expect(JSON.parse(said)).toEqual({ tooEarly: [], symbols: [ours, ours] });
});
