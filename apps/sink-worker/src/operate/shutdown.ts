import type { INestApplication } from '@nestjs/common';
import type { Log } from '@orderstream/observability';
import { withDeadline } from '@orderstream/resilience';
import { PartitionTally } from '../consume/partition-tally.js';

/**
 * On SIGTERM or SIGINT: stop waiting, finish the batch at hand, leave the group, say what was done, exit. The signal
 * that is returned aborts first; a shutdown longer than `deadlineMs` is cut off with exit code 1.
 */
export function endWhenTold(app: INestApplication, log: Log, deadlineMs: number): AbortSignal {
  const stop = new AbortController();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (stop.signal.aborted) return;
    log.info({ signal }, 'stopping');
    stop.abort(new Error(`stopped by ${signal}`));
    try {
      await withDeadline(app.close(), deadlineMs, () => new Error(`not stopped within ${deadlineMs} ms`));
      logTally(app, log);
      process.exit();
    } catch (error) {
      logTally(app, log);
      log.error({ error }, 'ended without a clean stop; what was not committed is read again');
      process.exit(1);
    }
  };
  process.once('SIGTERM', (signal) => void end(signal));
  process.once('SIGINT', (signal) => void end(signal));
  return stop.signal;
}

function logTally(app: INestApplication, log: Log): void {
  for (const [partition, counts] of app.get(PartitionTally).snapshot())
    log.info({ partition, ...counts }, 'partition at the end');
}
