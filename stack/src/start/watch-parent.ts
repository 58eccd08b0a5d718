/**
 * Loaded into each application before its own code (`node --import`). Its stdin is a pipe that nobody writes to: it
 * ends when the starter dies, however it dies, and then this process ends as on SIGTERM.
 */
const FORCED_EXIT_MS = 9_000;

process.stdin.once('end', () => {
  setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.stdin.resume();
process.stdin.unref();

// Its terminal output goes to the starter too; without it there is no reader, and that is no reason to crash.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
