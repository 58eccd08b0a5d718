import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefinitionFiles } from './definition-files.js';
import { startFailure } from './start-failure.js';

describe('the files of STREAMS_DIR', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'streams-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are those that end in .json, .yaml and .yml, in order; folders and hidden files are none', () => {
    for (const name of ['b.yml', 'a.json', 'c.yaml', 'd.yaml.bak', '.e.yaml', 'README.md'])
      writeFileSync(join(dir, name), name);
    mkdirSync(join(dir, 'more'));
    expect(readDefinitionFiles(dir)).toEqual(
      ['a.json', 'b.yml', 'c.yaml'].map((name) => ({ name: join(dir, name), text: name })),
    );
  });

  it('are none without the setting', () => expect(readDefinitionFiles('')).toEqual([]));

  it('refuse a start when they cannot be read', () => {
    mkdirSync(join(dir, 'a.yaml'));
    expect(() => readDefinitionFiles(dir)).toThrow(/STREAMS_DIR=.* cannot be read: EISDIR/);
    expect(() => readDefinitionFiles(join(dir, 'none'))).toThrow(/cannot be read: ENOENT/);
  });

  it('refuse a start when there are none', () => {
    writeFileSync(join(dir, 'mine.yaml.bak'), 'x');
    expect(() => readDefinitionFiles(dir)).toThrow(/STREAMS_DIR=.* has no file that ends in .json/);
  });
});

describe('what is told when a start fails', () => {
  it('is the message alone where that says what to do, and the stack of what nobody expected', () => {
    const told = Object.assign(new Error('mend it'), { code: 'x', retriable: false });
    expect(startFailure(told)).toBe('mend it');
    expect(startFailure(new Error('odd'))).toMatch(/^Error: odd\n\s+at /);
    expect(startFailure(Object.assign(new Error('net'), { code: 'ECONNRESET' }))).toMatch(/\n\s+at /);
    expect(startFailure('text')).toBe('text');
  });
});
