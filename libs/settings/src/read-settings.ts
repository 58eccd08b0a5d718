import type { Setting } from './setting.js';

export type SettingMap = Readonly<Record<string, Setting<unknown>>>;
export type Settings<S extends SettingMap> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** All that is wrong with the environment, in one message. */
export class SettingsError extends Error {
  readonly code = 'settings_refused';
  readonly retriable = false;

  constructor(readonly faults: readonly string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/**
 * Reads every setting from `env` once (an empty variable counts as absent) and freezes the result.
 * Throws one `SettingsError` that names all faults; values of secrets never stand in it.
 */
export function readSettings<S extends SettingMap>(settings: S, env: Readonly<NodeJS.ProcessEnv>): Settings<S> {
  const faults: string[] = [];
  const entries = Object.entries(settings).map(([key, setting]) => {
    const given = env[setting.name];
    const value = given === undefined || given === '' ? setting.default : given;
    try {
      return [key, value === '' ? '' : setting.parse(value)];
    } catch (error) {
      const shown = /PASSWORD|SECRET|TOKEN/.test(setting.name) ? '…' : value.replace(/\/\/[^/@]*@/g, '//…@');
      faults.push(`${setting.name}=${shown} ${(error as Error).message} (${setting.description})`);
      return [key, undefined];
    }
  });
  if (faults.length > 0) throw new SettingsError(faults);
  return Object.freeze(Object.fromEntries(entries)) as Settings<S>;
}
