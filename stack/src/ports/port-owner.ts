import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on the port; undefined when it cannot be seen (another user's, no lsof). */
export function portOwner(port: number): PortOwner | undefined {
  return process.platform === 'linux' ? ownerFromProc(port) : ownerFromLsof(port);
}

/** Inodes of the sockets that listen on `port`, from the text of `/proc/net/tcp` or `tcp6`. */
export function listeningInodes(table: string, port: number): string[] {
  const listening = '0A';
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening && fields[1]?.endsWith(`:${portHex}`))
    .map((fields) => fields[9] ?? '');
}

/** `p123\ncjava\n…` of `lsof -Fpc`: the first process. */
export function parseLsof(output: string): PortOwner | undefined {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  return pid === undefined ? undefined : { pid: Number(pid), command: /^c(.*)$/m.exec(output)?.[1] ?? 'unknown' };
}

function ownerFromProc(port: number): PortOwner | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(readOr(file, ''), port));
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (wanted.size === 0) return undefined;
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && holdsOneOf(name, wanted)) return { pid: Number(name), command: commandOf(name) };
  }
  return undefined;
}

function holdsOneOf(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOr(`/proc/${pid}/fd/${fd}`, '')));
  } catch {
    return false; // not ours to see, or gone in the meantime
  }
}

/** A Java command line is a page long: its program and main class say enough. */
function commandOf(pid: string): string {
  const args = readOr(`/proc/${pid}/cmdline`, '').split('\0').filter(Boolean);
  const mainClass = args.slice(1).find((arg) => /^(\w+\.)+[A-Z]\w*$/.test(arg));
  const line = mainClass ? `${args[0]} … ${mainClass}` : args.join(' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line || 'unknown';
}

function ownerFromLsof(port: number): PortOwner | undefined {
  try {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
    return parseLsof(execFileSync('lsof', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined; // no lsof, or nothing it may show
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function linkOr(file: string, otherwise: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return otherwise;
  }
}
