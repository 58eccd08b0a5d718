import { parseDurationMs } from '@orderstream/contracts';

/** One environment variable: its text form, unit and default for people, its parser for the program. */
export interface Setting<T> {
  readonly name: string;
  readonly unit: string;
  readonly default: string;
  readonly description: string;
  /** Throws an Error whose message completes the sentence "NAME=value …". */
  readonly parse: (text: string) => T;
}

type Described = Pick<Setting<unknown>, 'name' | 'default' | 'description'>;

export const text = (about: Described): Setting<string> => ({ ...about, unit: 'text', parse: (value) => value });

export const list = (about: Described): Setting<readonly string[]> => ({
  ...about,
  unit: 'comma-separated list',
  parse: (value) => {
    const items = value.split(',').map((item) => item.trim());
    if (items.some((item) => item === '')) throw new Error('has an empty item');
    return Object.freeze(items);
  },
});

/** Web addresses of servers that stand for one another; the default may be empty. */
export const urls = (about: Described): Setting<readonly string[]> => ({
  ...list(about),
  unit: 'comma-separated list of URLs',
  parse: (value) => {
    const items = list(about).parse(value);
    if (items.some((item) => !/^https?:\/\//.test(item) || !URL.canParse(item)))
      throw new Error('is not a list of http or https addresses');
    return items;
  },
});

export const integer = (about: Described & { unit: string; min: number; max: number }): Setting<number> => ({
  ...about,
  parse: (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < about.min || number > about.max) {
      throw new Error(`is not a whole number from ${about.min} to ${about.max}`);
    }
    return number;
  },
});

export const port = (about: Described): Setting<number> => integer({ ...about, unit: 'TCP port', min: 0, max: 65535 });

/** A time in text (`500ms`, `5s`, `2m`), given to the program in ms. */
export const duration = (about: Described & { minMs: number; maxMs: number }): Setting<number> => ({
  ...about,
  unit: 'time: ms, s, m or h; bare = seconds',
  parse: (value) => {
    const ms = parseDurationMs(value);
    if (ms === undefined || ms < about.minMs || ms > about.maxMs) {
      throw new Error(`is not a time from ${about.minMs}ms to ${about.maxMs}ms`);
    }
    return ms;
  },
});

const BYTES = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

export const bytes = (about: Described): Setting<number> => ({
  ...about,
  unit: 'bytes, or with KiB, MiB, GiB',
  parse: (value) => {
    const match = /^(\d+)(KiB|MiB|GiB)?$/.exec(value);
    const size = match ? Number(match[1]) * BYTES[(match[2] ?? '') as keyof typeof BYTES] : 0;
    if (!Number.isSafeInteger(size) || size < 1) throw new Error('is not a size like 64KiB, 512MiB or 2GiB');
    return size;
  },
});

export const flag = (about: Described): Setting<boolean> => ({
  ...about,
  unit: 'true or false',
  parse: (value) => {
    if (value !== 'true' && value !== 'false') throw new Error('is neither true nor false');
    return value === 'true';
  },
});

export const choice = <T extends string>(about: Described & { of: readonly T[] }): Setting<T> => ({
  ...about,
  unit: `one of ${about.of.join(', ')}`,
  parse: (value) => {
    if (!about.of.includes(value as T)) throw new Error(`is none of ${about.of.join(', ')}`);
    return value as T;
  },
});
