/** One piece of a time pattern: a run of one letter, or text that stands for itself. */
export interface PatternToken {
  readonly kind: 'field' | 'text';
  readonly text: string;
}

/** A pattern that cannot be used; the text says what is wrong with it. */
export interface PatternFault {
  readonly fault: string;
}

const PIECE = /'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;

/** Takes a pattern apart. `T` alone stands for itself, as in ISO 8601. */
export function patternTokens(pattern: string): readonly PatternToken[] | PatternFault {
  const tokens: PatternToken[] = [];
  for (const [piece, quoted, letter] of pattern.matchAll(PIECE)) {
    if (quoted === '' || piece === "'") return { fault: 'a quote in it is not closed, or has nothing inside' };
    if (letter !== undefined && piece !== 'T') tokens.push({ kind: 'field', text: piece });
    else tokens.push({ kind: 'text', text: quoted ?? piece });
  }
  return tokens;
}
