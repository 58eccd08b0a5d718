import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerName } from '../stack-options.js';
import { readJson, writeJson } from '../process/process-record.js';
import { MissingToolError } from './java.js';

/** What a folder of jars was made from. */
interface JarStamp {
  readonly pomSha256: string;
  readonly jars: number;
}

const STAMP = '.stamp.json';

export const pomHash = (pomFile: string): string => createHash('sha256').update(readFileSync(pomFile)).digest('hex');

/** The jars of exactly this pom are there, all of them. */
export function jarsArePresent(folder: string, pomFile: string): boolean {
  const stamp = readJson<JarStamp>(join(folder, STAMP));
  return stamp !== undefined && stamp.pomSha256 === pomHash(pomFile) && countJars(folder) === stamp.jars;
}

export interface FetchOptions {
  readonly jarsDir: string;
  readonly pomFile: string;
  readonly signal?: AbortSignal;
}

/** Maven notes beside the pom what it has unpacked once, and does nothing when it is asked to put it elsewhere. */
const ANEW = ['-Dmdep.overWriteReleases=true'];
/** Kafka and Cassandra are copied jar by jar; the registry comes as one archive. */
const GOALS: Readonly<Record<ServerName, string>> = {
  kafka: 'dependency:copy-dependencies',
  cassandra: 'dependency:copy-dependencies',
  registry: 'dependency:unpack',
};

/**
 * Has Maven copy the jars of one profile to `<jarsDir>/<name>`. The folder appears as a whole or not at all, so a
 * start that was cut short leaves nothing that looks complete. Throws with Maven's own last lines.
 */
export async function fetchJars(name: ServerName, options: FetchOptions): Promise<void> {
  const folder = join(options.jarsDir, name);
  const draft = `${folder}.${process.pid}.tmp`;
  mkdirSync(draft, { recursive: true });
  try {
    const args = ['-B', '-q', '-f', options.pomFile, '-P', name, GOALS[name], `-DoutputDirectory=${draft}`, ...ANEW];
    await runMaven(args, options.signal);
    writeJson(join(draft, STAMP), { pomSha256: pomHash(options.pomFile), jars: countJars(draft) } satisfies JarStamp);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const countJars = (folder: string): number => readdirSync(folder).filter((file) => file.endsWith('.jar')).length;

/** Aborting kills Maven with the Java it started: both are in a group of their own. */
async function runMaven(args: readonly string[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn('mvn', [...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise<number | null>((ended, failed) => child.once('error', failed).once('close', ended));
    signal?.throwIfAborted();
    if (code !== 0) throw mavenFailure(output.join(''));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new MissingToolError('The jars of the servers are fetched by Maven, and there is no mvn on the PATH.');
    throw error;
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

function mavenFailure(output: string): Error {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const told = lines.slice(-20).join('\n');
  return new Error(
    `Maven could not fetch the jars. Is Maven Central, or the mirror in your settings.xml, in reach? It said:\n${told}`,
  );
}
