import { createHash } from 'node:crypto';
import type { Java } from '../java/java.js';
import type { PortNeed } from '../ports/free-ports.js';
import type { ServerName } from '../stack-options.js';

/** Everything that is to know about one server before it runs. Pure data and two functions; made anew at will. */
export interface ServerPlan {
  readonly name: ServerName;
  readonly title: string;
  /** host:port for clients */
  readonly address: string;
  readonly ports: readonly PortNeed[];
  /** the server that has to answer first */
  readonly after?: ServerName;
  readonly folders: readonly string[];
  /** configuration, written before each start */
  readonly files: ReadonlyArray<{ readonly path: string; readonly text: string }>;
  /** of `java`, without the command itself */
  args(java: Java): readonly string[];
  /** the server's own log */
  readonly logFile: string;
  /** what the Java machine itself says */
  readonly outFile: string;
  /** Once per data directory, e.g. formatting it. */
  prepare(java: Java, signal?: AbortSignal): Promise<void>;
  /** Rejects while the server does not answer. */
  probe(timeoutMs: number): Promise<unknown>;
}

/** Equal for two plans that would run the same server with the same settings. */
export function fingerprint(plan: ServerPlan, java: Java): string {
  const told = JSON.stringify([java.command, plan.args(java), plan.files]);
  return createHash('sha256').update(told).digest('hex').slice(0, 16);
}
