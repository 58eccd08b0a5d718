import { ProblemError } from '@orderstream/contracts';
import type { CompiledStream, StreamRegistry } from '@orderstream/streams';

/** The stream a caller named. Throws `stream_not_found` with the names there are. */
export function streamNamed(registry: StreamRegistry, name: string): CompiledStream {
  const stream = registry.byName(name);
  if (stream) return stream;
  const known = registry.streams.map((each) => each.name).join(', ');
  throw new ProblemError('stream_not_found', `there is no stream ${name}; there are ${known}`);
}
