import { readFileSync } from 'node:fs';
import { builtInStreams } from '@orderstream/streams';
import { recordedCql } from './recorded-cql.js';

// Rewrite the files with: npm run record -w @orderstream/cassandra (after a build).
describe('the recorded statements', () => {
  it.each([...recordedCql(builtInStreams())])('%s is what the code runs', (name, text) => {
    expect(readFileSync(new URL(`../../cql/${name}`, import.meta.url), 'utf8')).toBe(text);
  });
});
