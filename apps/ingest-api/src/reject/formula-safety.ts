/** A spreadsheet takes a cell that begins so for a formula, or takes the character away. */
const DANGEROUS = /^[=+\-@\t\r']/;
const ESCAPED = /^'[=+\-@\t\r']/;
/** A number is no formula, whatever its sign. */
const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/** A cell that a spreadsheet shows as text. `isText` false: of a number, date or boolean column, where numbers stay. */
export const escapeCell = (text: string, isText = true): string =>
  DANGEROUS.test(text) && (isText || !PLAIN_NUMBER.test(text)) ? `'${text}` : text;

/** Takes exactly the character off that `escapeCell` puts in front. */
export const unescapeCell = (text: string): string => (ESCAPED.test(text) ? text.slice(1) : text);
