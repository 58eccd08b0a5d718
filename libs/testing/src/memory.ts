import { readFileSync } from 'node:fs';

/** Peak resident set of a process on Linux, MiB. */
export function peakMemoryMiB(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!line) throw new Error(`process ${pid} tells no peak of its memory`);
  return Math.round(Number(line[1]) / 1024);
}

/** Resident set of a process on Linux now, MiB. */
export function memoryMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!line) throw new Error(`process ${pid} does not tell its memory`);
  return Math.round(Number(line[1]) / 1024);
}
