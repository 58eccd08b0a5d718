import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const TAIL_BYTES = 64 * 1024;

/** The last `lines` lines of a file, looking at no more than its last 64 KiB. Empty when there is no file. */
export function tailLines(file: string, lines: number): string[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return []; // nothing was logged yet
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    const all = buffer.toString('utf8', 0, read).split('\n');
    return all.filter((line) => line.trim() !== '').slice(-lines);
  } finally {
    closeSync(fd);
  }
}

/** Moves a file that has grown beyond `maxBytes` to `<file>.1`, so that logs do not grow for ever. */
export function rotate(file: string, maxBytes: number): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxBytes) renameSync(file, `${file}.1`);
}
