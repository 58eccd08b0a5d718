/**
 * Runs before `npm start`, `npm test` and `npm run stack`: Node is new enough, the packages of the lockfile are
 * installed, the build is up to date. Silent when there is nothing to do. Has no dependencies, for it brings them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
/** Hash of the lockfile that node_modules was made from. */
const STAMP = join(MODULES, '.orderstream-stamp');
/** npm's own note of what it installed. */
const INSTALLED = join(MODULES, '.package-lock.json');
const TSC = join(MODULES, '.bin', 'tsc');
const MIN_NODE = [20, 19];
/** npm writes the lockfile and its own note one after the other. */
const SAME_INSTALL_MS = 2_000;
/** A build quicker than this is not worth a line. */
const SLOW_MS = 1_500;

requireNode();
if (!packagesAreCurrent()) installPackages();
build();

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return;
  fail(
    `orderstream needs Node ${MIN_NODE.join('.')} or newer, and this is ${process.versions.node}. Install Node 24 from https://nodejs.org, or with nvm: nvm install`,
  );
}

function packagesAreCurrent() {
  if (!existsSync(INSTALLED)) return false;
  if (!existsSync(LOCK)) return true;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8').trim() === lockHash()) return true;
  const npmWasLast = statSync(INSTALLED).mtimeMs + SAME_INSTALL_MS >= statSync(LOCK).mtimeMs;
  if (npmWasLast) writeStamp();
  return npmWasLast;
}

function installPackages() {
  const begin = Date.now();
  console.log('  Installing packages, once …');
  if (!(existsSync(LOCK) && installExactly()))
    run(npm(), npmArgs('install', existsSync(LOCK) ? '--no-save' : '--save'));
  writeStamp();
  done('Packages installed', begin);
}

/**
 * `npm ci`. False when npm calls the lockfile incomplete: it does so when the registry that the lockfile was made with
 * lacks optional packages of other platforms. Then `npm install --no-save` takes the same versions from it.
 */
function installExactly() {
  const { status, stderr, error } = spawnSync(npm(), npmArgs('ci'), {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  if (error) fail(`npm cannot be run: ${error.message}`);
  if (status === 0) return true;
  const told = stderr.toString();
  if (told.includes('EUSAGE')) return false;
  process.stderr.write(told);
  process.exit(status ?? 1);
}

function npmArgs(...args) {
  return [...npmFirstArgs(), ...args, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
}

/** The compiler itself knows what is out of date. */
function build() {
  const begin = Date.now();
  run(process.execPath, [TSC, '-b']);
  if (Date.now() - begin > SLOW_MS) done('Built', begin);
}

/** npm tells its scripts where it is; run by hand, it is the one on the PATH. */
function npm() {
  return process.env.npm_execpath ? process.execPath : 'npm';
}

function npmFirstArgs() {
  return process.env.npm_execpath ? [process.env.npm_execpath] : [];
}

function writeStamp() {
  if (existsSync(LOCK)) writeFileSync(STAMP, `${lockHash()}\n`);
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) fail(`${command} cannot be run: ${error.message}`);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

function done(what, begin) {
  console.log(`✓ ${what.padEnd(22)} ${((Date.now() - begin) / 1000).toFixed(1).padStart(5)} s`);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
