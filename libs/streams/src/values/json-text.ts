import { withExactFractions } from './exact-numbers.js';

/**
 * JSON in a text, as a cell holds it; undefined where it is none. A fraction that would lose digits as a number is a
 * text. Never throws.
 */
export function parseJsonText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const exact = withExactFractions(text);
    return exact === text ? value : (JSON.parse(exact) as unknown);
  } catch {
    return undefined;
  }
}
