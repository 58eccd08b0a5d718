import { InferenceError, StreamDefinitionError } from '@orderstream/streams';
import { SettingsError } from '@orderstream/settings';
import { infer, INFER_USAGE } from './infer.js';

const USAGE = `Usage: ${INFER_USAGE}`;

/** What the user can mend: told without a stack. */
const isTold = (error: unknown): error is Error =>
  error instanceof InferenceError ||
  error instanceof StreamDefinitionError ||
  error instanceof SettingsError ||
  /^ERR_PARSE_ARGS|^ENOENT|^EACCES|^EISDIR|^CSV_/.test(String((error as { code?: unknown }).code));

async function main([group, command, ...rest]: readonly string[]): Promise<void> {
  if (group !== 'streams' || command !== 'infer') {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    process.stdout.write(await infer(rest));
  } catch (error) {
    process.stderr.write(`${isTold(error) ? `${error.message}\n${USAGE}` : String((error as Error).stack)}\n`);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
