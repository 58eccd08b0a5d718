import type { ScalarType } from '../definition.js';
import { formatGuesses, type FormatGuess } from '../read/format-guesses.js';
import { VALUE_READERS } from '../values/value-reader.js';

/** The likelier ones first: the first that reads every value is meant. `text` reads all. */
const TYPES: readonly ScalarType[] = ['uuid', 'int', 'bigint', 'decimal', 'date', 'timestamp', 'boolean', 'text'];
/** `0` and `1` are numbers here, though a boolean may be written so. */
const BOOLEAN_WORD = /^[a-z]/i;
/** A number that begins with a zero is a code: its zeros would be lost. */
const CODE = /^[+-]?0\d/;
const TIME_OF_DAY = /\d:\d\d/;

/** More distinct values than this are not counted any further. */
export const MAX_DISTINCT = 1_000_000;

/** What the cells of one column have in common, seen one after the other. */
export class ColumnProfile {
  private types: readonly ScalarType[] = TYPES;
  private guesses: readonly FormatGuess[] = formatGuesses('timestamp', {});
  private readonly values = new Map<string, number>();
  private blanks = 0;
  private longest = 0;
  private readonly bounds: Record<'least' | 'most', number | undefined> = { least: undefined, most: undefined };
  private scaleSeen = 0;

  constructor(readonly header: string) {}

  add(cell: string): void {
    const text = cell.trim();
    if (text === '') {
      this.blanks++;
      return;
    }
    this.types = this.types.filter((type) => reads(type, text));
    this.guesses = this.guesses.filter((guess) => guess.read(text) !== undefined);
    this.longest = Math.max(this.longest, text.length);
    if (this.values.size < MAX_DISTINCT) this.values.set(text, (this.values.get(text) ?? 0) + 1);
    this.measure(text);
  }

  get type(): ScalarType {
    if (this.values.size === 0) return 'text';
    return this.types[0] === 'text' && this.format !== undefined ? 'timestamp' : this.types[0]!;
  }

  /** Of times that are not of the standard forms: what `?timestampFormat=` has to say. */
  get format(): string | undefined {
    return this.types[0] === 'text' && this.values.size > 0 ? this.guesses[0]?.value : undefined;
  }

  /** No cell was empty. */
  get isFull(): boolean {
    return this.blanks === 0 && this.values.size > 0;
  }

  /** No two cells are the same. */
  get isUnique(): boolean {
    return this.isFull && [...this.values.values()].every((count) => count === 1) && this.values.size < MAX_DISTINCT;
  }

  /** Distinct values, the most frequent first. */
  get distinct(): readonly string[] {
    return [...this.values.entries()].sort(([, a], [, b]) => b - a).map(([value]) => value);
  }

  get range(): { readonly min: number; readonly max: number; readonly scale: number } {
    return { min: this.bounds.least ?? 0, max: this.bounds.most ?? 0, scale: this.scaleSeen };
  }

  get maxLength(): number {
    return this.longest;
  }

  private measure(text: string): void {
    const number = Number(text);
    if (!Number.isFinite(number)) return;
    this.bounds.least = Math.min(this.bounds.least ?? number, number);
    this.bounds.most = Math.max(this.bounds.most ?? number, number);
    this.scaleSeen = Math.max(this.scaleSeen, text.split('.')[1]?.length ?? 0);
  }
}

function reads(type: ScalarType, text: string): boolean {
  if (type === 'boolean' && !BOOLEAN_WORD.test(text)) return false;
  if ((type === 'int' || type === 'bigint' || type === 'decimal') && CODE.test(text) && !/^[+-]?0\./.test(text))
    return false;
  if (type === 'date' && TIME_OF_DAY.test(text)) return false;
  // Milliseconds since 1970 are a time to the reader of one, and a number to everybody else.
  if (type === 'timestamp' && /^\d+$/.test(text)) return false;
  return VALUE_READERS[type].fromText(text) !== undefined;
}
