import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const MIN_JAVA = 17;
/** Java 24 took away the security manager, without which Cassandra 5.0 does not start. */
export const MAX_JAVA = 23;

export interface Java {
  /** path or name of the `java` command */
  readonly command: string;
  readonly major: number;
}

/** A tool is missing or too old. The message says what to install. */
export class MissingToolError extends Error {
  constructor(what: string, platform: NodeJS.Platform = process.platform) {
    super(`${what}\n${installAdvice(platform)}`);
    this.name = 'MissingToolError';
  }
}

const BY_PLATFORM = {
  debian: 'Debian, Ubuntu:  sudo apt install openjdk-17-jdk-headless maven',
  fedora: 'Fedora:          sudo dnf install java-17-openjdk-headless maven (or java-21-openjdk-headless)',
  macos: 'macOS:           brew install openjdk@17 maven, and export JAVA_HOME="$(brew --prefix openjdk@17)"',
  windows: 'Windows:         run inside WSL (wsl --install), there as on Ubuntu',
};

/** The sentence of this platform; all of the Linux ones, for a distribution is a guess. */
export function installAdvice(platform: NodeJS.Platform): string {
  const own: readonly string[] =
    platform === 'darwin'
      ? [BY_PLATFORM.macos]
      : platform === 'win32'
        ? [BY_PLATFORM.windows]
        : [BY_PLATFORM.debian, BY_PLATFORM.fedora, `${BY_PLATFORM.windows}`];
  return [...own, 'With a Docker engine, neither is needed:  docker compose -f docker/compose.yaml up'].join('\n');
}

/** Major version out of `java -version`: `17.0.15` → 17, `1.8.0_292` → 8. */
export function parseJavaMajor(output: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (!match) return undefined;
  return match[1] === '1' ? Number(match[2]) : Number(match[1]);
}

/** `JAVA_HOME`'s java, else the one on the path. Throws `MissingToolError` when it is none of 17 to 23. */
export async function findJava(javaHome: string | undefined): Promise<Java> {
  const command = javaHome ? join(javaHome, 'bin', 'java') : 'java';
  const place = javaHome ? `JAVA_HOME=${javaHome}` : 'the PATH';
  const output = await run(command, ['-version']).then(
    ({ stdout, stderr }) => stderr + stdout,
    () => undefined,
  );
  const major = output === undefined ? undefined : parseJavaMajor(output);
  if (major === undefined) {
    throw new MissingToolError(`Kafka and Cassandra need Java ${MIN_JAVA}, and there is no working java in ${place}.`);
  }
  if (major < MIN_JAVA || major > MAX_JAVA) {
    throw new MissingToolError(
      `Kafka and Cassandra together run on Java ${MIN_JAVA} to ${MAX_JAVA}, and ${place} has Java ${major}.`,
    );
  }
  return { command, major };
}
