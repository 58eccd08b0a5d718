/** The part of a .cpuprofile that is read. Times in µs. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** of the clock that process.hrtime() has too */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** `function file:line`, or what V8 calls it: (garbage collector), (program), (idle) */
  readonly what: string;
  /** the package or folder it belongs to */
  readonly owner: string;
  /** of the time in which the process was not idle, 0 to 1 */
  readonly share: number;
}

export interface ProfileWindow {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** Self times of a window, greatest first; functions of the same name and place are one. */
export function selfTimes(profile: CpuProfile, window: ProfileWindow): SelfTime[] {
  const framesById = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const microsByWhat = new Map<string, { owner: string; micros: number }>();
  let at = profile.startTime;
  let busy = 0;
  profile.samples.forEach((id, i) => {
    at += profile.timeDeltas[i]!;
    const frame = framesById.get(id);
    if (!frame || at < window.fromMicros || at > window.toMicros || frame.functionName === '(idle)') return;
    // A sample stands for the time until the next one.
    const micros = Math.max(0, profile.timeDeltas[i + 1] ?? 0);
    busy += micros;
    const what = nameOf(frame);
    const entry = microsByWhat.get(what) ?? { owner: ownerOf(frame), micros: 0 };
    entry.micros += micros;
    microsByWhat.set(what, entry);
  });
  return [...microsByWhat]
    .map(([what, { owner, micros }]) => ({ what, owner, share: micros / busy }))
    .sort((a, b) => b.share - a.share);
}

/** The same, summed by owner. */
export function byOwner(times: readonly SelfTime[]): { owner: string; share: number }[] {
  const shareByOwner = new Map<string, number>();
  for (const { owner, share } of times) shareByOwner.set(owner, (shareByOwner.get(owner) ?? 0) + share);
  return [...shareByOwner].map(([owner, share]) => ({ owner, share })).sort((a, b) => b.share - a.share);
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

function nameOf({ functionName, url, lineNumber }: Frame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${shortened(url)}:${lineNumber + 1}`;
}

/** The last three parts of a path are enough to find it. */
const shortened = (url: string): string => (url.startsWith('node:') ? url : url.split('/').slice(-3).join('/'));

function ownerOf({ url, functionName }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8';
  if (url.startsWith('node:')) return 'node';
  const installed = url.split('/node_modules/').at(-1)!;
  if (installed !== url) return installed.split('/', installed.startsWith('@') ? 2 : 1).join('/');
  return /\/((?:apps|libs)\/[^/]+)\//.exec(url)?.[1] ?? url;
}
