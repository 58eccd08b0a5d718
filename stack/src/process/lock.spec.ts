import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, lockHolder, LockHeldError } from './lock.js';
import { identityOf } from './process-identity.js';

describe('the lock of a data directory', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(dir, 'start.lock');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('keeps a second one out and says who holds it', () => {
    const lock = acquireLock(file, 'npm start');
    expect(() => acquireLock(file, 'npm start')).toThrow(LockHeldError);
    expect(() => acquireLock(file, 'npm start')).toThrow(`npm start is already running here (pid ${process.pid})`);
    expect(lockHolder(file)).toMatchObject({ pid: process.pid, purpose: 'npm start' });
    lock.release();
    acquireLock(file, 'another').release();
    expect(existsSync(file)).toBe(false);
  });

  it('is recovered when its process is gone, even if another one has the pid now', () => {
    const reused = { ...identityOf(process.pid)!, startTime: 'an earlier boot', purpose: 'npm start' };
    writeFileSync(file, JSON.stringify(reused));
    const lock = acquireLock(file, 'npm start');
    expect(lockHolder(file)).toMatchObject(identityOf(process.pid)!);
    lock.release();
  });

  it('is recovered when it was cut off in writing', () => {
    writeFileSync(file, '{"pid": 1');
    acquireLock(file, 'npm start').release();
  });

  it('is not released by someone who has lost it', () => {
    const lock = acquireLock(file, 'npm start');
    const other = JSON.stringify({ ...identityOf(1)!, purpose: 'another' });
    writeFileSync(file, other);
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe(other);
  });
});
