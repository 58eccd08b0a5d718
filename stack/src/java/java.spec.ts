import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jarsArePresent, pomHash } from './jars.js';
import { findJava, installAdvice, MissingToolError, parseJavaMajor } from './java.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'java-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const fakeJava = (version: string) => {
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`, { mode: 0o755 });
};

describe('Java', () => {
  it('is recognised by its own words', () => {
    expect(parseJavaMajor('openjdk version "17.0.15" 2025-04-15')).toBe(17);
    expect(parseJavaMajor('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version "1.8.0_292"')).toBe(8);
    expect(parseJavaMajor('openjdk version "21" 2023-09-19')).toBe(21);
    expect(parseJavaMajor('The operation couldn’t be completed. Unable to locate a Java Runtime.')).toBeUndefined();
  });

  it('that is missing is answered with what to install, Docker included', async () => {
    const refusal = (await findJava(dir).catch((error: unknown) => error)) as MissingToolError;
    expect(refusal).toBeInstanceOf(MissingToolError);
    expect(refusal.message).toContain(dir);
    expect(refusal.message).toContain('docker compose -f docker/compose.yaml up');
  });

  it.each(['11.0.2', '24.0.1'])('%s is refused with its number', async (version) => {
    fakeJava(version);
    await expect(findJava(dir)).rejects.toThrow(`has Java ${version.split('.')[0]}`);
  });

  it('of JAVA_HOME is taken when it is 17', async () => {
    fakeJava('17.0.1');
    await expect(findJava(dir)).resolves.toEqual({ command: join(dir, 'bin', 'java'), major: 17 });
  });

  it('has one sentence per platform', () => {
    expect(installAdvice('darwin')).toMatch(/brew/);
    expect(installAdvice('win32')).toMatch(/WSL/);
    expect(installAdvice('linux')).toMatch(/apt[^]*dnf/);
  });
});

describe('the jars', () => {
  it('are fetched again when the pom changes or one is missing, and only then', () => {
    const pom = join(dir, 'pom.xml');
    const folder = join(dir, 'kafka');
    mkdirSync(folder);
    writeFileSync(pom, '<project/>');
    writeFileSync(join(folder, 'a.jar'), '');
    expect(jarsArePresent(folder, pom)).toBe(false);
    writeFileSync(join(folder, '.stamp.json'), JSON.stringify({ pomSha256: pomHash(pom), jars: 1 }));
    expect(jarsArePresent(folder, pom)).toBe(true);
    writeFileSync(pom, '<project> </project>');
    expect(jarsArePresent(folder, pom)).toBe(false);
    writeFileSync(pom, '<project/>');
    rmSync(join(folder, 'a.jar'));
    expect(jarsArePresent(folder, pom)).toBe(false);
    expect(jarsArePresent(join(dir, 'absent'), pom)).toBe(false);
  });
});
