/** Digits that every number keeps when it is parsed. */
const SAFE_DIGITS = 15;
const MAYBE = new RegExp(`[0-9.]{${SAFE_DIGITS + 2}}`);
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** A string, which is passed over, or a number that is no whole one. */
const STRING_OR_FRACTION = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/g;

/**
 * JSON text, which must be sound, with those fractions as strings that would lose digits as numbers: `0.1234567890123456789`
 * parsed is another value that looks like a sound one, as text it is read exactly, or refused where there is no room for
 * it. Whole numbers stay: beyond 2^53 they are refused by whoever reads them.
 */
export function withExactFractions(text: string): string {
  return MAYBE.test(text) ? text.replace(STRING_OR_FRACTION, asExact) : text;
}

/**
 * The same with whole numbers beyond 2^53, with numbers beyond a double, and with those that a number would show with an
 * exponent although they came without: for whoever hands a text out again and must not show another number. Those that
 * become strings have the decimal mark of the reader.
 */
export function withExactNumbers(text: string, decimalMark: '.' | ',' = '.'): string {
  return text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || (isExact(token) && keepsItsForm(token))) return token;
    return JSON.stringify(token.replace('.', decimalMark));
  });
}

const asExact = (token: string): string => (token.startsWith('"') || isExact(token) ? token : JSON.stringify(token));

/** Few digits are exact whatever they are; others when the shortest text of the number they become has the same ones. */
function isExact(token: string): boolean {
  if (digitsOf(token).length <= SAFE_DIGITS) return true;
  return sameValue(token, String(Number(token)));
}

function keepsItsForm(token: string): boolean {
  const number = Number(token);
  return Number.isFinite(number) && (hasExponent(token) || !hasExponent(String(number)));
}

const hasExponent = (number: string): boolean => /[eE]/.test(number);

/** Significant digits, and the power of ten of the last one. */
function sameValue(a: string, b: string): boolean {
  return digitsOf(a) === digitsOf(b) && exponentOf(a) === exponentOf(b) && a.startsWith('-') === b.startsWith('-');
}

const digitsOf = (number: string): string => mantissaOf(number).replace('.', '').replace(/^0+/, '').replace(/0+$/, '');

/** Of the last digit that is not zero. */
function exponentOf(number: string): number {
  const [whole = '', fraction = ''] = mantissaOf(number).split('.');
  const trailingZeros = /0*$/.exec(whole + fraction)![0].length;
  return Number(/[eE](.+)$/.exec(number)?.[1] ?? 0) - fraction.length + trailingZeros;
}

const mantissaOf = (number: string): string => number.replace(/^-/, '').replace(/[eE].*$/, '');
