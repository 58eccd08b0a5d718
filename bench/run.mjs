/**
 * npm run bench -- [options]; see README.md. Prepares the product, finds a Node 24 (this one, or the one that
 * runtime/ brings, installed on the first run) and goes on with src/main.ts on it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(BENCH);
const RUNTIME = join(BENCH, 'runtime');
const MAJOR = 24;
/** Node 24 tells about type stripping and about negative timers of kafkajs; both are known. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

run(process.execPath, [join(ROOT, 'tools', 'prepare.mjs')], ROOT);
const child = spawn(node24(), [...FLAGS, join(BENCH, 'src', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// A signal of the terminal reaches both; the bench stops its servers and then ends by itself.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
});

function node24() {
  if (Number(process.versions.node.split('.')[0]) === MAJOR) return process.execPath;
  if (!installedNode()) {
    console.log(`  Installing Node ${MAJOR} for the bench, once …`);
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], RUNTIME);
  }
  const node = installedNode();
  if (node) return node;
  return fail(
    `bench/runtime has no Node ${MAJOR} for ${process.platform} on ${process.arch}. Run this with Node ${MAJOR}: nvm install ${MAJOR}`,
  );
}

function installedNode() {
  const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  return names.map((name) => join(RUNTIME, 'node_modules', name, 'bin', 'node')).find((file) => existsSync(file));
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (error) fail(`${command} cannot be run: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
