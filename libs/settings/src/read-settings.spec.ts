import { COMMON_SETTINGS, unsafeBind } from './common-settings.js';
import { readSettings, SettingsError } from './read-settings.js';
import { bytes, duration, integer } from './setting.js';

const SETTINGS = {
  limit: bytes({ name: 'LIMIT', default: '64KiB', description: 'A limit.' }),
  pauseMs: duration({ name: 'PAUSE', default: '2s', minMs: 1, maxMs: 60_000, description: 'A pause.' }),
  rows: integer({ name: 'ROWS', default: '10', unit: 'rows', min: 1, max: 100, description: 'Some rows.' }),
};

describe('settings', () => {
  it('takes defaults for absent and empty variables, in the units of the program, frozen', () => {
    const config = readSettings(SETTINGS, { ROWS: '' });
    expect(config).toEqual({ limit: 65536, pauseMs: 2000, rows: 10 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every fault in one message', () => {
    const read = () => readSettings(SETTINGS, { LIMIT: 'much', PAUSE: '-1', ROWS: '101' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(/LIMIT=much[^]*PAUSE=-1[^]*ROWS=101 is not a whole number from 1 to 100/);
  });

  it('reads its own defaults, and empty text as empty', () => {
    expect(readSettings(COMMON_SETTINGS, {})).toMatchObject({
      brokers: ['127.0.0.1:9092'],
      topicPrefix: '',
      replicationFactor: -1,
    });
  });

  it('refuses a bind that lets strangers in, unless told to', () => {
    expect(unsafeBind({ host: '0.0.0.0', allowUnauthenticated: false })).toMatch(/ALLOW_UNAUTHENTICATED/);
    expect(unsafeBind({ host: '0.0.0.0', allowUnauthenticated: true })).toBeUndefined();
    expect(unsafeBind({ host: '127.0.0.1', allowUnauthenticated: false })).toBeUndefined();
  });
});
