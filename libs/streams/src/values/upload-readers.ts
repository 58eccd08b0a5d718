import type { FieldType } from '../definition.js';
import type { ReadingOptions } from '../read/reading-options.js';
import { instantsOf, type ToInstant } from './time-zone.js';
import { compileTimestampPattern } from './timestamp-pattern.js';
import { isLocalTime, MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS, parseTimestamp } from './timestamp.js';
import { VALUE_READERS, type ValueReader } from './value-reader.js';

/** `1.234.567,89`: points between groups of three, and a comma that says which mark is which. */
const GROUPED = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;

/**
 * The reader for one upload with options, of the reader without: the same one where no option is about its type.
 * Throws RangeError for options that `optionFaults` refuses.
 */
export function uploadReaders(options: ReadingOptions): (type: FieldType, plain: ValueReader) => ValueReader {
  const timestamp = hasTimeOptions(options) ? timestampReader(options) : undefined;
  return (type, plain) => {
    if (type === 'timestamp' && timestamp) return timestamp;
    return type === 'decimal' && options.decimalComma === true ? commaReader(plain) : plain;
  };
}

const hasTimeOptions = ({ timestampFormat, timeZone, onTimestamp }: ReadingOptions): boolean =>
  timestampFormat !== undefined || timeZone !== undefined || onTimestamp !== undefined;

function timestampReader({ timestampFormat, timeZone, onTimestamp }: ReadingOptions): ValueReader {
  const toInstant = timeZone === undefined ? undefined : instantsOf(timeZone);
  const plain = VALUE_READERS.timestamp;
  if (timestampFormat === undefined) {
    const read = (text: string) => zoned(parseTimestamp(text), isLocalTime(text), toInstant);
    return { ...plain, fromText: told(read, isLocalTime, onTimestamp) };
  }
  const pattern = compileTimestampPattern(timestampFormat);
  if ('fault' in pattern) throw new RangeError(pattern.fault);
  const read = (text: string) => zoned(pattern.read(text), !pattern.hasOffset, toInstant);
  return {
    code: plain.code,
    expected: `a time of the form ${timestampFormat} between the years 1 and 9999`,
    fromText: told(read, () => !pattern.hasOffset, onTimestamp),
    fromNumber: (value) => (pattern.readNumber ?? plain.fromNumber!)(value),
  };
}

function zoned(ms: number | undefined, isLocal: boolean, toInstant: ToInstant | undefined): number | undefined {
  if (ms === undefined || !isLocal || !toInstant) return ms;
  const instant = toInstant(ms);
  return instant >= MIN_TIMESTAMP_MS && instant <= MAX_TIMESTAMP_MS ? instant : undefined;
}

function told(
  read: (text: string) => number | undefined,
  isLocal: (text: string) => boolean,
  onTimestamp: ReadingOptions['onTimestamp'],
): ValueReader['fromText'] {
  if (!onTimestamp) return read;
  return (text) => {
    const ms = read(text);
    if (ms !== undefined) onTimestamp(isLocal(text));
    return ms;
  };
}

/** A point without a comma could be either mark, so it is refused. */
const commaReader = (plain: ValueReader): ValueReader => ({
  ...plain,
  expected: plain.expected.replace('with a point', 'with a comma'),
  fromText: (text) => {
    const ungrouped = GROUPED.test(text) ? text.replaceAll('.', '') : text;
    return ungrouped.includes('.') ? undefined : plain.fromText(ungrouped.replace(',', '.'));
  },
});
