import { withExactFractions } from './exact-numbers.js';

/**
 * JSON in a text, as a cell holds it; undefined where it is none. A fraction that would lose digits as a number is a
 * text; with `withExactNumbers` every such number is. Never throws.
 */
export function parseJsonText(text: string, exactly = withExactFractions): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const exact = exactly(text);
    return exact === text ? value : (JSON.parse(exact) as unknown);
  } catch {
    return undefined;
  }
}
