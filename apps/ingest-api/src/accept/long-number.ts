import { MAX_DECIMAL_DIGITS } from '@orderstream/streams';

/** Digits and point of the longest decimal: `0.` and as many digits as there may be. */
const MAX_LENGTH = MAX_DECIMAL_DIGITS + 2;
const MAYBE = new RegExp(`[0-9.]{${MAX_LENGTH + 1}}`);
const [QUOTE, POINT, ZERO, NINE, BACKSLASH] = [34, 46, 48, 57, 92];

/**
 * Whether JSON text, which must be sound, has a number longer than a decimal may be. Parsed, such a number has lost most
 * of its digits and looks like a sound one. Digits in strings do not count.
 */
export function hasLongNumber(text: string): boolean {
  if (!MAYBE.test(text)) return false;
  let length = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString && char === BACKSLASH) at++;
    else if (char === QUOTE) inString = !inString;
    length = !inString && isPartOfNumber(char) ? length + 1 : 0;
    if (length > MAX_LENGTH) return true;
  }
  return false;
}

const isPartOfNumber = (char: number): boolean => char === POINT || (char >= ZERO && char <= NINE);
