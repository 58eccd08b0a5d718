import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adoptProcess, spawnServer, stopProcess, type LiveProcess } from './live-process.js';
import { rotate, tailLines } from './log-tail.js';
import { identityOf, isAlive, parseProcStat, signalProcess } from './process-identity.js';
import { liveRecord, removeRecord, writeRecord } from './process-record.js';

let dir: string;
let started: LiveProcess[] = [];
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'process-'))));
afterEach(async () => {
  for (const live of started) await stopProcess(live, { graceMs: 0 });
  started = [];
  rmSync(dir, { recursive: true });
});

/** Resolves once the script has said `ready`, so that its signal handlers are in place. */
async function start(script: string): Promise<LiveProcess> {
  const outFile = join(dir, 'out.log');
  const args = ['-e', `${script}; console.log('ready'); setInterval(() => {}, 1000)`];
  const live = await spawnServer({ command: process.execPath, args, cwd: dir, outFile });
  started.push(live);
  while (!readFileSync(outFile, 'utf8').includes('ready')) await new Promise((turn) => setImmediate(turn));
  return live;
}

describe('a process for good', () => {
  it('is told from a later one with the same pid', () => {
    const me = identityOf(process.pid)!;
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ ...me, startTime: 'another' })).toBe(false);
    expect(signalProcess({ ...me, startTime: 'another' }, 'SIGKILL')).toBe(false);
  });

  it('is recognised although its name has blanks and parentheses', () => {
    const numbers = Array.from({ length: 30 }, (_, i) => String(i + 3)).join(' ');
    expect(parseProcStat(`42 (a ) b (c)) S ${numbers.slice(2)}`)).toEqual({ state: 'S', startTicks: '22' });
  });

  it('does not live on as an unreaped child', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await new Promise((spawned) => child.once('spawn', spawned));
    const identity = identityOf(child.pid!)!;
    const ended = new Promise((exit) => child.once('exit', exit));
    child.kill('SIGKILL');
    // Before the event loop turns, the child is dead and nobody has reaped it.
    while (identityOf(child.pid!)) continue;
    expect(isAlive(identity)).toBe(false);
    await ended;
  });
});

describe('stopping', () => {
  it('asks first', async () => {
    const live = await start(`process.on('SIGTERM', () => process.exit(5))`);
    await stopProcess(live, { graceMs: 5000 });
    await expect(live.exited).resolves.toEqual({ code: 5, signal: null });
  });

  it('kills who does not listen', async () => {
    const live = await start(`process.on('SIGTERM', () => {})`);
    await stopProcess(live, { graceMs: 100 });
    await expect(live.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('does not wait for the grace time when in a hurry', async () => {
    const live = await start(`process.on('SIGTERM', () => {})`);
    await stopProcess(live, { graceMs: 60_000, hurry: AbortSignal.abort() });
    expect(isAlive(live)).toBe(false);
  });

  it('reaches one that was frozen', async () => {
    const live = await start(`process.on('SIGTERM', () => process.exit(5))`);
    signalProcess(live, 'SIGSTOP');
    await stopProcess(live, { graceMs: 5000 });
    await expect(live.exited).resolves.toEqual({ code: 5, signal: null });
  });
});

describe('a process that someone else started', () => {
  it('is found by its record, adopted, and its end is seen', async () => {
    const live = await start('');
    writeRecord(dir, { ...live, name: 'kafka', startedAt: '', fingerprint: '', keep: false });
    const adopted = adoptProcess(liveRecord(dir, 'kafka')!);
    signalProcess(adopted, 'SIGKILL');
    await expect(adopted.exited).resolves.toEqual({ code: null, signal: null });
    expect(liveRecord(dir, 'kafka')).toBeUndefined();
    removeRecord(dir, 'kafka');
  });

  it('is not found when there is no record, or half of one', () => {
    expect(liveRecord(dir, 'kafka')).toBeUndefined();
    writeFileSync(join(dir, 'run'), '');
    rmSync(join(dir, 'run'));
    writeRecord(dir, { ...identityOf(process.pid)!, name: 'kafka', startedAt: '', fingerprint: '', keep: false });
    writeFileSync(join(dir, 'run', 'kafka.json'), '{"pid"');
    expect(liveRecord(dir, 'kafka')).toBeUndefined();
  });
});

it('a command that does not exist is an error, not a silence', async () => {
  const plan = { command: join(dir, 'no-java'), args: [], cwd: dir, outFile: join(dir, 'out.log') };
  await expect(spawnServer(plan)).rejects.toThrow(/ENOENT/);
});

describe('logs', () => {
  it('show their end, whatever their length', () => {
    const file = join(dir, 'a.log');
    expect(tailLines(file, 3)).toEqual([]);
    writeFileSync(file, `${'x'.repeat(100_000)}\none\n\ntwo\nthree\n`);
    expect(tailLines(file, 2)).toEqual(['two', 'three']);
  });

  it('are moved aside when they have grown', () => {
    const file = join(dir, 'a.log');
    rotate(file, 10);
    writeFileSync(file, 'x'.repeat(11));
    rotate(file, 11);
    expect(statSync(file).size).toBe(11);
    rotate(file, 10);
    expect(statSync(`${file}.1`).size).toBe(11);
  });
});
