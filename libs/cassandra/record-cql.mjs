/** Writes the files under `cql/` anew; run it after a build when a statement changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { recordedCql } from '@orderstream/cassandra';
import { builtInStreams } from '@orderstream/streams';

mkdirSync(new URL('cql/', import.meta.url), { recursive: true });
for (const [name, text] of recordedCql(builtInStreams())) writeFileSync(new URL(`cql/${name}`, import.meta.url), text);
