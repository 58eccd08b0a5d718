/** One line of an application's output, made for a terminal; undefined when it is routine and only for the file. */
export function notableLine(line: string, stream: 'stdout' | 'stderr'): string | undefined {
  const event = parsedEvent(line);
  if (!event) return stream === 'stderr' && line.trim() !== '' ? line : undefined;
  if (!LOUD_LEVELS.has(event.level ?? '')) return undefined;
  const cause = event.error?.message ?? event.err?.message;
  return `${event.level}  ${event.msg ?? ''}${cause ? ` (${cause})` : ''}`;
}

const LOUD_LEVELS: ReadonlySet<string> = new Set(['warn', 'error', 'fatal']);

interface LogEvent {
  readonly level?: string;
  readonly msg?: string;
  readonly error?: { readonly message?: string };
  readonly err?: { readonly message?: string };
}

function parsedEvent(line: string): LogEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogEvent;
  } catch {
    return undefined; // a line that only looks like an event
  }
}
