import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS } from '../paths.ts';
import { byOwner, selfTimes, type CpuProfile, type ProfileWindow } from './self-times.ts';

const TOP_FUNCTIONS = 30;
const TOP_OWNERS = 12;

export interface ProfileFolder {
  readonly path: string;
  /** for the process that is profiled; it must end by itself on SIGTERM */
  readonly nodeFlags: readonly string[];
}

/** An empty folder for the profile of one process. */
export function profileFolder(name: string): ProfileFolder {
  const path = join(RESULTS, 'profiles', name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return { path, nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${path}`, '--cpu-prof-interval=500'] };
}

/** Where the time of the window went, as lines of text. Throws when the process left no profile. */
export function describeProfile({ path }: ProfileFolder, window: ProfileWindow): string[] {
  const file = readdirSync(path).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`${path} has no profile: the process was killed before it could write one`);
  const times = selfTimes(JSON.parse(readFileSync(join(path, file), 'utf8')) as CpuProfile, window);
  return [
    '',
    `Self time by package, of the time not idle (${join(path, file)})`,
    ...byOwner(times)
      .slice(0, TOP_OWNERS)
      .map(({ owner, share }) => `  ${percent(share)}  ${owner}`),
    '',
    'Self time by function',
    ...times.slice(0, TOP_FUNCTIONS).map(({ what, owner, share }) => `  ${percent(share)}  ${what}  [${owner}]`),
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`;
