/** Digits that every number keeps when it is parsed. */
const SAFE_DIGITS = 15;
const MAYBE = new RegExp(`[0-9.]{${SAFE_DIGITS + 2}}`);
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x2d, 0x30, 0x39];

/**
 * JSON text, which must be sound, with those fractions as strings that would lose digits as numbers: `0.1234567890123456789`
 * parsed is another value that looks like a sound one, as text it is read exactly, or refused where there is no room for
 * it. Whole numbers stay: beyond 2^53 they are refused by whoever reads them.
 */
export function withExactFractions(text: string): string {
  return MAYBE.test(text) ? withTexts(text, (token) => isWhole(token) || isExact(token)) : text;
}

/**
 * The same with whole numbers beyond 2^53, with numbers beyond a double, and with those that a number would show with an
 * exponent although they came without: for whoever hands a text out again and must not show another number. Those that
 * become strings have the decimal mark of the reader.
 */
export function withExactNumbers(text: string, decimalMark: '.' | ',' = '.'): string {
  return withTexts(text, (token) => isExact(token) && keepsItsForm(token), decimalMark);
}

/** With strings for the numbers that do not stay; not a regular expression, for one that passes over MiBs of a string has no stack left. */
function withTexts(text: string, stays: (token: string) => boolean, decimalMark = '.'): string {
  let [result, copied] = ['', 0];
  for (let i = 0; i < text.length;) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = behindString(text, i);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = i;
      const [token] = NUMBER.exec(text)!;
      if (!stays(token)) {
        result += text.slice(copied, i) + JSON.stringify(token.replace('.', decimalMark));
        copied = i + token.length;
      }
      i += token.length;
    } else i++;
  }
  return result + text.slice(copied);
}

function behindString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end + 1;
  }
  return text.length;
}

const isWhole = (token: string): boolean => !/[.eE]/.test(token);

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
