import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessExit } from '../process/live-process.js';
import { liveRecord } from '../process/process-record.js';
import { StepLog } from '../step-log.js';
import { notableLine } from './app-output.js';
import { AppProcess } from './app-process.js';
import { appAddresses, startApp } from './apps.js';
import { keepRunning } from './keep-running.js';
import { firstOrderId, nextSteps } from './next-steps.js';

describe('what stands on the terminal', () => {
  it('are warnings and errors of the applications, made short, and whatever they cry out', () => {
    expect(notableLine('{"level":"info","msg":"routine"}', 'stdout')).toBeUndefined();
    expect(notableLine('{"level":"warn","msg":"slow"}', 'stdout')).toBe('warn  slow');
    expect(notableLine('{"level":"error","msg":"failed","error":{"message":"why"}}', 'stdout')).toBe(
      'error  failed (why)',
    );
    expect(notableLine('plain text', 'stdout')).toBeUndefined();
    expect(notableLine('TypeError: x', 'stderr')).toBe('TypeError: x');
  });

  it('ends with an order that is in the sample', () => {
    expect(firstOrderId('\uFEFF"customer_id","order_id"\r\n"c1","o1"\r\n')).toBe('o1');
    expect(firstOrderId('a,b\n1,2\n')).toBeUndefined();
    expect(nextSteps({ api: 'http://a', sink: 'http://s', logsDir: 'l' }, '/nowhere')).toContain(
      'http://a/orders/<order_id>',
    );
  });

  it('are addresses that a browser can open', () => {
    expect(appAddresses({})).toMatchObject({ api: 'http://127.0.0.1:3000', sink: 'http://127.0.0.1:3001' });
    expect(appAddresses({ HOST: '0.0.0.0', PORT: '80' }).api).toBe('http://127.0.0.1:80');
    expect(appAddresses({ HOST: '::1' }).api).toBe('http://[::1]:3000');
    expect(() => appAddresses({ PORT: '0' })).toThrow(/PORT=0/);
  });
});

describe('supervision', () => {
  it('starts again what ends, also when a restart fails, says why, and lets go when told', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    let restarts = 0;
    const never = new Promise<ProcessExit>(() => {});
    const subject = {
      title: 'API',
      address: 'here',
      exited: Promise.resolve<ProcessExit>({ code: 7, signal: null }),
      why: (exit: ProcessExit) => `exit code ${exit.code}: boom`,
      restart: () => {
        if (++restarts === 1) return Promise.reject(new Error('not yet'));
        subject.exited = never;
        return Promise.resolve();
      },
    };
    const log = (line: string) => {
      lines.push(line);
      if (line.includes('is back')) stop.abort();
    };
    await keepRunning(subject, { signal: stop.signal, log, backoff: { initialMs: 1, maxMs: 2 } });
    expect(lines).toEqual([
      '! API ended (exit code 7: boom). Starting it again in 0.0 s',
      '! not yet',
      '! API ended (exit code 7: boom). Starting it again in 0.0 s',
      '✓ API is back on here',
    ]);
  });
});

describe('an application', () => {
  let dir: string;
  const shown: string[] = [];
  const stop = new AbortController();
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'app-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const app = async (source: string) => {
    const probe = createServer();
    await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
    const { port } = probe.address() as AddressInfo;
    await new Promise((closed) => probe.close(closed));
    const script = join(dir, 'main.mjs');
    writeFileSync(script, source);
    const plan = { name: 'it', prefix: 'it', title: 'It', script, cwd: dir, dir, logFile: join(dir, 'it.log') };
    const env = { ...process.env, PORT: String(port) };
    return new AppProcess({ ...plan, env, readyUrl: `http://127.0.0.1:${port}/health/ready` }, (line) =>
      shown.push(line),
    );
  };
  const server = (status: number) =>
    `import { createServer } from 'node:http';
     console.log('hello'); console.error('not yet');
     process.on('SIGTERM', () => { console.error('careful'); process.exit(0); });
     createServer((_, r) => { r.statusCode = ${status}; r.end('why not') }).listen(process.env.PORT, '127.0.0.1');`;

  it('is ready when it says so; its output is in a file, what it complains of from then on is on the terminal too', async () => {
    const it = await app(server(200));
    await it.restart(stop.signal);
    expect(liveRecord(dir, 'it')).toBeDefined();
    await it.stop({ graceMs: 5000 });
    await it.exited;
    expect(existsSync(join(dir, 'run', 'it.json'))).toBe(false);
    expect(shown).toContain('it   | careful');
    expect(shown.join()).not.toMatch(/hello|not yet/);
    expect(readFileSync(join(dir, 'it.log'), 'utf8')).toMatch(/hello[^]*not yet|not yet[^]*hello/);
  });

  it('that ends before it is ready is reported with exit code and last words', async () => {
    const it = await app(`console.error('no configuration'); process.exit(9)`);
    await expect(it.restart(stop.signal)).rejects.toThrow(/exit code 9: no configuration/);
  });

  it('that refuses to start is told with every line it says, and is not started again', async () => {
    const faults = ['it cannot start: The streams have 2 faults', 'a.yaml:15 min', 'a.yaml:18 type'];
    const it = await app(`console.error(${JSON.stringify(faults.join('\n'))}); process.exit(1)`);
    const tries: string[] = [];
    const starting = startApp(it, new StepLog((line) => tries.push(line)), stop.signal);
    await expect(starting).rejects.toThrow(`exit code 1: ${faults.join('\n')}`);
    expect(tries).toEqual([]);
  });

  it('that does not become ready in time is reported with its own answer', async () => {
    const it = await app(server(503));
    it.spawn();
    await expect(it.untilReady(stop.signal, 1500)).rejects.toThrow(/answers 503 why not/);
    await it.stop({ graceMs: 5000 });
  });
});
