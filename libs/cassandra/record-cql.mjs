/** Writes the files under `cql/` anew; run it after a build when a statement changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { builtInStreams } from '@orderstream/streams';
import { recordedCql } from './dist/cql/recorded-cql.js';

mkdirSync(new URL('cql/', import.meta.url), { recursive: true });
for (const [name, text] of recordedCql(builtInStreams())) writeFileSync(new URL(`cql/${name}`, import.meta.url), text);
