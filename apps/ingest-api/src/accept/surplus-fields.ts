const NAMED = 20;
const SHOWN_LENGTH = 60;

/** Counts fields that are ignored because the stream does not know them. Names beyond the first 20 are counted together. */
export class SurplusFields {
  private readonly recordsByName = new Map<string, number>();
  private unnamed = 0;

  /** `kind`: what the format calls a field */
  constructor(
    private readonly kind: 'column' | 'field',
    private readonly streamName: string,
  ) {}

  count(names: readonly string[]): void {
    for (const name of names) {
      const records = this.recordsByName.get(name);
      if (records === undefined && this.recordsByName.size >= NAMED) this.unnamed++;
      else this.recordsByName.set(name, (records ?? 0) + 1);
    }
  }

  warnings(): string[] {
    const warnings = [...this.recordsByName].map(([name, records]) => this.warning(name, records));
    if (this.unnamed > 0) warnings.push(`more ${this.kind}s are ignored, ${this.unnamed} times`);
    return warnings;
  }

  private warning(name: string, records: number): string {
    const shown = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name;
    const where = this.kind === 'column' ? '' : ` in ${records} ${records === 1 ? 'record' : 'records'}`;
    return `${this.kind} ${shown} is ignored${where}: the stream ${this.streamName} does not know it`;
  }
}
