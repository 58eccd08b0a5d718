import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (guide: string): string => readFileSync(join(ROOT, 'docs', 'guides', guide), 'utf8');
const testsNamedIn = (text: string): string[] => [...new Set(text.match(/[\w./-]+\.spec\.ts/g))].sort();

describe.each(['delivery.md', 'reconcile.md', 'streams.md'])('docs/guides/%s', (guide) => {
  const named = testsNamedIn(read(guide));

  it('names tests', () => expect(named).not.toEqual([]));

  it.each(named)('names a test that exists: %s', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
  });
});

describe('docs/guides/delivery.md', () => {
  it('names a test in every paragraph that promises something', () => {
    const promises = read('delivery.md').split('## What is not promised')[0]!;
    const paragraphs = promises
      .split(/\n\s*\n/)
      .filter((text) => text.trim() !== '' && !text.startsWith('#'))
      .slice(1);
    expect(paragraphs.length).toBeGreaterThan(10);
    expect(paragraphs.filter((text) => testsNamedIn(text).length === 0)).toEqual([]);
  });
});
