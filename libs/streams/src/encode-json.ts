import type { Column, Row } from './stream.js';
import { formatTimestamp } from './values/timestamp.js';
import { isScalar } from './values/value-reader.js';

/** Characters that JSON text escapes; surrogates too, for a lone one would be no valid UTF-8. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

/** Writes rows as JSON text; see `CompiledStream.toJson`. */
export function jsonEncoder(columns: readonly Pick<Column, 'name' | 'type'>[]): (row: Row) => string {
  const labels = columns.map(({ name }) => `"${name}":`);
  const isTimestamp = columns.map(({ type }) => type === 'timestamp');
  // What is no scalar is JSON already; a stream without such does not look.
  const isJson = columns.every(({ type }) => isScalar(type)) ? undefined : columns.map(({ type }) => !isScalar(type));
  return (row) => {
    let json = '';
    for (let c = 0; c < labels.length; c++) {
      const value = row[c];
      if (value === undefined) continue;
      json += json === '' ? '{' : ',';
      json += labels[c]!;
      if (typeof value === 'string') json += isJson?.[c] ? value : quoted(value);
      else json += isTimestamp[c] && value !== null ? `"${formatTimestamp(value as number)}"` : String(value);
    }
    return json === '' ? '{}' : `${json}}`;
  };
}
