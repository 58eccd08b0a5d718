/** One line per step with its time, for people: `✓ Kafka ready  3.1 s  127.0.0.1:9092`. */
export class StepLog {
  constructor(private readonly write: (line: string) => void = () => {}) {}

  /** Runs the step and reports it with its time once it is done; a failure is the caller's to report. */
  async time<T>(title: string, work: () => Promise<T>, detail = ''): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.done(title, detail, performance.now() - begin);
    return result;
  }

  done(title: string, detail = '', ms?: number): void {
    const time = ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`;
    this.write(`✓ ${title.padEnd(22)} ${time.padStart(7)}  ${detail}`.trimEnd());
  }

  note(line: string): void {
    this.write(`  ${line}`);
  }

  warn(line: string): void {
    this.write(`! ${line}`);
  }
}
