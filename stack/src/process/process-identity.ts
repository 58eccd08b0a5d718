import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process for good: the pid alone may be given to another one later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal texts mean the same start. */
  readonly startTime: string;
}

/** Identity of the running process `pid`; undefined when there is none, or only its unreaped remains. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTime === identity.startTime;
}

/** Sends the signal only to exactly that process. False when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** State and start time out of `/proc/<pid>/stat`; the command in parentheses may hold blanks and parentheses. */
export function parseProcStat(stat: string): { state: string; startTicks: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

function startTimeFromProc(pid: number): string | undefined {
  try {
    const { state, startTicks } = parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (state === 'Z' || state === 'X') return undefined;
    // Ticks count from boot, so the boot belongs to the identity.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
  } catch {
    return undefined; // gone, or never was
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [, state = '', started = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return started === '' || state.startsWith('Z') ? undefined : started;
  } catch {
    return undefined; // ps answers with 1 when there is no such process
  }
}
