import { DAY_MS, daysOfLeadingDate, twoDigits } from './calendar.js';

/** 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, ms since the epoch. */
export const MIN_TIMESTAMP_MS = -62_135_596_800_000;
export const MAX_TIMESTAMP_MS = 253_402_300_799_999;

/** Date, or date and time without `Z` or an offset. */
const LOCAL = /^\d{4}-\d{2}-\d{2}(?:[Tt ][\d:.]*)?$/;

/** Does a text that `parseTimestamp` reads name no offset? Epoch milliseconds are no local time. */
export const isLocalTime = (text: string): boolean => LOCAL.test(text);

const EPOCH_MS = /^[+-]?\d{12,15}$/;

const inRange = (ms: number): number | undefined =>
  ms >= MIN_TIMESTAMP_MS && ms <= MAX_TIMESTAMP_MS ? ms + 0 : undefined;

/** The same ms when it is a whole number between the years 1 and 9999, else undefined. */
export const timestampOfMs = (ms: number): number | undefined => (Number.isInteger(ms) ? inRange(ms) : undefined);

/**
 * Milliseconds since the epoch (UTC) of ISO 8601 with `T` or a space, of `YYYY-MM-DD` (midnight) or of epoch
 * milliseconds (12 to 15 digits). Without `Z` or an offset it is UTC. Digits of the second beyond the third are cut off.
 * Undefined when it is none of these, not in the calendar, or outside the years 1 to 9999.
 */
export function parseTimestamp(text: string): number | undefined {
  const days = daysOfLeadingDate(text);
  if (days === undefined) return EPOCH_MS.test(text) ? inRange(Number(text)) : undefined;
  const midnight = days * DAY_MS;
  if (text.length === 10) return midnight;
  const clock = msOfClock(text);
  if (clock < 0) return undefined;
  const ms = midnight + clock;
  if (text.charCodeAt(16) !== 58) return withOffset(text, 16, ms);
  const second = twoDigits(text, 17);
  if (second < 0 || second > 59) return undefined;
  return text.length === 19 ? ms + second * 1000 : afterSecond(text, ms + second * 1000);
}

/** Milliseconds of the separator and `HH:MM` from position 10 on, or -1 when they are not that. */
function msOfClock(text: string): number {
  const separator = text.charCodeAt(10);
  if (separator !== 32 && separator !== 84 && separator !== 116) return -1;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(13) !== 58) return -1;
  return hour * 3_600_000 + minute * 60_000;
}

function afterSecond(text: string, ms: number): number | undefined {
  if (text.charCodeAt(19) !== 46) return withOffset(text, 19, ms);
  let at = 20;
  let thousandths = 0;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at)) {
    if (at < 23) thousandths += (code - 48) * (at === 20 ? 100 : at === 21 ? 10 : 1);
  }
  const digits = at - 20;
  return digits >= 1 && digits <= 9 ? withOffset(text, at, ms + thousandths) : undefined;
}

/** Nothing, `Z`, `+HH`, `+HHMM` or `+HH:MM` from `at` to the end. */
function withOffset(text: string, at: number, ms: number): number | undefined {
  const length = text.length - at;
  if (length === 0) return ms;
  const sign = text.charCodeAt(at);
  if (length === 1) return sign === 90 || sign === 122 ? ms : undefined;
  if (sign !== 43 && sign !== 45) return undefined;
  const hours = twoDigits(text, at + 1);
  const minutes = offsetMinutes(text, at + 3, length);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  const offsetMs = hours * 3_600_000 + minutes * 60_000;
  return inRange(sign === 43 ? ms - offsetMs : ms + offsetMs);
}

function offsetMinutes(text: string, at: number, length: number): number {
  if (length === 3) return 0;
  if (length === 5) return twoDigits(text, at);
  return length === 6 && text.charCodeAt(at) === 58 ? twoDigits(text, at + 1) : -1;
}

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

const threeDigits = (n: number): string => `${String.fromCharCode(48 + Math.floor(n / 100))}${TWO_DIGITS[n % 100]}`;

/** `YYYY-MM-DD` of days since 1970-01-01, for the years 1 to 9999. The year begins in March, as in `calendar.ts`. */
export function formatDays(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${TWO_DIGITS[Math.floor(year / 100)]}${TWO_DIGITS[year % 100]}-${TWO_DIGITS[month]}-${TWO_DIGITS[day]}`;
}

/** The same, or undefined outside of these years. */
export const dateOfDays = (days: number): string | undefined =>
  timestampOfMs(days * DAY_MS) === undefined ? undefined : formatDays(days);

/** `HH:MM:SS` of ms since midnight. */
function formatClock(msOfDay: number): string {
  const hour = TWO_DIGITS[Math.floor(msOfDay / 3_600_000)];
  const minute = TWO_DIGITS[Math.floor(msOfDay / 60_000) % 60];
  return `${hour}:${minute}:${TWO_DIGITS[Math.floor(msOfDay / 1000) % 60]}`;
}

/** `YYYY-MM-DDTHH:MM:SS.sssZ` of a timestamp between the years 1 and 9999: what `Date.toISOString` says, sooner. */
export function formatTimestamp(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const msOfDay = ms - days * DAY_MS;
  return `${formatDays(days)}T${formatClock(msOfDay)}.${threeDigits(msOfDay % 1000)}Z`;
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, the form of the public Olist file; milliseconds are cut off. */
export function formatTimestampSeconds(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return `${formatDays(days)} ${formatClock(ms - days * DAY_MS)}`;
}
