export interface Documented {
  readonly name: string;
  readonly value: string;
  /** the comment lines directly above, without `#`, joined by spaces */
  readonly comment: string;
  readonly commentedOut: boolean;
}

/**
 * Reads `NAME=value` and `#NAME=value` (a default that is left as it is), each with the comment lines directly above.
 * A blank line or another variable in between ends the comment.
 */
export function parseEnvExample(text: string): readonly Documented[] {
  const documented: Documented[] = [];
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const assignment = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (assignment) {
      const [, hash, name, value] = assignment;
      documented.push({ name: name!, value: value!.trim(), comment: comment.join(' '), commentedOut: hash === '#' });
    }
    const continues = line.startsWith('#') && !assignment;
    comment = continues ? [...comment, line.replace(/^#\s*/, '')] : [];
  }
  return documented;
}
