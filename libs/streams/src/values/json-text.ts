import { withExactFractions } from './exact-numbers.js';

/**
 * JSON text → its value. A fraction that would lose digits as a number is a text; with `withExactNumbers` every such
 * number is. Throws as JSON.parse does.
 */
export function parseExactly(text: string, exactly = withExactFractions): unknown {
  const value: unknown = JSON.parse(text);
  const exact = exactly(text);
  return exact === text ? value : (JSON.parse(exact) as unknown);
}

/** The same of a text that may be no JSON, as a cell holds it: then undefined. */
export function parseJsonText(text: string, exactly = withExactFractions): unknown {
  try {
    return parseExactly(text, exactly);
  } catch {
    return undefined;
  }
}
