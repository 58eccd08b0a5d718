import { uploadReaders } from '../values/upload-readers.js';
import { compileTimestampPattern } from '../values/timestamp-pattern.js';
import { VALUE_READERS } from '../values/value-reader.js';
import type { Value } from '../stream.js';
import type { ReadingOptions } from './reading-options.js';

/** A form in which refused cells may have been meant. */
export interface FormatGuess {
  readonly parameter: 'timestampFormat' | 'decimalComma';
  /** what the parameter would have to be; undefined: it must be left out */
  readonly value: string | undefined;
  /** for sentences: "M/d/yyyy H:mm", "a decimal comma" */
  readonly form: string;
  /** undefined where the text is not of that form */
  read(text: string): Value;
}

/** Forms people have, the likelier ones first: where two read a cell alike, the first is meant. */
const PATTERNS: readonly string[] = [
  ...['M/d/yyyy H:mm', 'd/M/yyyy H:mm', 'd.M.yyyy H:mm', 'd-M-yyyy H:mm', 'M-d-yyyy H:mm', 'yyyy/M/d H:mm'],
  ...['M/d/yyyy H:mm:ss', 'd/M/yyyy H:mm:ss', 'd.M.yyyy H:mm:ss', 'd-M-yyyy H:mm:ss', 'M-d-yyyy H:mm:ss'],
  ...['yyyy/M/d H:mm:ss', 'M/d/yyyy', 'd/M/yyyy', 'd.M.yyyy', 'd-M-yyyy', 'M-d-yyyy', 'yyyy/M/d'],
  ...[
    'M/d/yyyy h:mm a',
    'M/d/yyyy h:mm:ss a',
    'd/M/yyyy h:mm a',
    'd/M/yyyy h:mm:ss a',
    'd MMM yyyy H:mm',
    'd MMM yyyy',
  ],
  ...[
    'MMM d, yyyy',
    'MMM d, yyyy h:mm a',
    'd-MMM-yyyy',
    'yyyyMMdd',
    'yyyyMMddHHmmss',
    'yyyy-M-d H:mm',
    'yyyy-M-d H:mm:ss',
  ],
  ...['M/d/yy H:mm', 'd/M/yy H:mm', 'd.M.yy H:mm', 'M/d/yy', 'd/M/yy', 'd.M.yy', 'X'],
];

/** Seconds since the epoch between 1973 and 2286; shorter and longer numbers mean something else. */
const EPOCH_SECONDS = /^[1-9]\d{8,9}$/;

/** What refused cells of a type may have been meant as, beside what the upload said. */
export function formatGuesses(type: 'timestamp' | 'decimal', options: ReadingOptions): FormatGuess[] {
  return type === 'timestamp' ? timestampGuesses(options) : decimalGuesses(options);
}

function timestampGuesses({ timestampFormat }: ReadingOptions): FormatGuess[] {
  const guesses = PATTERNS.filter((pattern) => pattern !== timestampFormat).flatMap((value): FormatGuess[] => {
    const pattern = compileTimestampPattern(value);
    if ('fault' in pattern) return [];
    const read = (text: string): Value => (value === 'X' && !EPOCH_SECONDS.test(text) ? undefined : pattern.read(text));
    return [{ parameter: 'timestampFormat', value, form: value === 'X' ? 'seconds since 1970 (X)' : value, read }];
  });
  if (timestampFormat === undefined) return guesses;
  const standard = VALUE_READERS.timestamp;
  const read = (text: string): Value => standard.fromText(text);
  return [{ parameter: 'timestampFormat', value: undefined, form: 'the standard forms', read }, ...guesses];
}

function decimalGuesses({ decimalComma }: ReadingOptions): FormatGuess[] {
  const point = VALUE_READERS.decimal;
  const comma = uploadReaders({ decimalComma: true })('decimal', point);
  return decimalComma === true
    ? [{ parameter: 'decimalComma', value: undefined, form: 'a decimal point', read: (text) => point.fromText(text) }]
    : [{ parameter: 'decimalComma', value: 'true', form: 'a decimal comma', read: (text) => comma.fromText(text) }];
}
