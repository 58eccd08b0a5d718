import fc from 'fast-check';
import { instantsOf, isTimeZone } from './time-zone.js';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('local times of a zone', () => {
  it.each([
    ['America/Sao_Paulo', '2017-01-02T10:00', '2017-01-02T12:00'],
    ['America/Sao_Paulo', '2017-07-02T10:00', '2017-07-02T13:00'],
    ['Asia/Kolkata', '2017-07-02T10:00', '2017-07-02T04:30'],
    ['UTC', '2017-07-02T10:00', '2017-07-02T10:00'],
    // skipped: forward by the gap
    ['America/New_York', '2024-03-10T02:30', '2024-03-10T07:30'],
    ['America/Sao_Paulo', '2017-10-15T00:00', '2017-10-15T03:00'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00'],
    // twice: the first of the two
    ['America/New_York', '2024-11-03T01:30', '2024-11-03T05:30'],
    ['Europe/Berlin', '2024-10-27T02:30', '2024-10-27T00:30'],
    ['America/Sao_Paulo', '2018-02-17T23:30', '2018-02-18T01:30'],
    // just outside
    ['America/New_York', '2024-03-10T01:59', '2024-03-10T06:59'],
    ['America/New_York', '2024-03-10T03:00', '2024-03-10T07:00'],
    ['America/New_York', '2024-11-03T02:00', '2024-11-03T07:00'],
  ])('%s %s is %s UTC', (zone, local, utc) => {
    expect(iso(instantsOf(zone)(Date.parse(`${local}Z`)))).toBe(utc);
  });

  it('is undone by the clock of that zone, but for what was skipped or comes twice', () => {
    const zones = [
      'America/Sao_Paulo',
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ];
    const clocks = new Map(zones.map((timeZone) => [timeZone, clockOf(timeZone)]));
    const times = fc.integer({ min: Date.UTC(1975, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, minute) => {
        const instant = minute * 60_000;
        const local = clocks.get(zone)!(instant);
        const again = instantsOf(zone)(local);
        expect([instant, instant - HOUR, instant - HOUR / 2]).toContain(again);
        expect(clocks.get(zone)!(again)).toBe(local);
      }),
    );
  });

  it('knows IANA names only', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
    expect(() => instantsOf('Mars/Olympus')).toThrow(RangeError);
  });
});

/** The wall clock by `Intl` alone, as if it showed UTC. */
function clockOf(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (ms) => Date.parse(`${format.format(ms).replace(' ', 'T')}Z`);
}
