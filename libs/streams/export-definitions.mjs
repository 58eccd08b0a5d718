/** Writes the built-in streams as definition files and the JSON Schema of such files, after `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { builtInStreams, definitionSchema, definitionText } from '@orderstream/streams';

const SAMPLES = new URL('../../samples/streams/built-in/', import.meta.url);
const SCHEMA = new URL('../../docs/reference/stream-definition.schema.json', import.meta.url);

mkdirSync(SAMPLES, { recursive: true });
mkdirSync(new URL('.', SCHEMA), { recursive: true });
for (const definition of builtInStreams())
  writeFileSync(new URL(`${definition.name}.yaml`, SAMPLES), definitionText(definition));
writeFileSync(SCHEMA, `${JSON.stringify(definitionSchema(), undefined, 2)}\n`);
