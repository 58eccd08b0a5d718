import type { INestApplication } from '@nestjs/common';
import type { Log } from '@orderstream/observability';
import { withDeadline } from '@orderstream/resilience';

/**
 * On SIGTERM or SIGINT: take nothing new, end runs, let uploads finish within `deadlineMs`, exit. What is cut off by
 * the deadline shows as `interrupted` in its job. The signal that is returned aborts first.
 */
export function endWhenTold(app: INestApplication, log: Log, deadlineMs: number): AbortSignal {
  const stop = new AbortController();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (stop.signal.aborted) return;
    log.info({ signal }, 'stopping');
    stop.abort(new Error(`stopped by ${signal}`));
    try {
      await withDeadline(app.close(), deadlineMs, () => new Error(`not stopped within ${deadlineMs} ms`));
      process.exit(0);
    } catch (error) {
      log.error({ error }, 'ended without a clean stop');
      process.exit(1);
    }
  };
  process.once('SIGTERM', (signal) => void end(signal));
  process.once('SIGINT', (signal) => void end(signal));
  return stop.signal;
}
