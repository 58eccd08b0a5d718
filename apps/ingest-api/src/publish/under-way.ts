/**
 * Bytes of records that all jobs of this process together may have between their source and Kafka's acknowledgement.
 * Each job may use an equal part of them and waits for its own sends only, so that one whose client is slow never
 * holds up another.
 */
export class UnderWay {
  private jobs = 0;

  constructor(private readonly maxBytes: number) {}

  /** A job begins. */
  join(): Share {
    this.jobs++;
    let joined = true;
    const leave = (): void => {
      if (joined) this.jobs--;
      joined = false;
    };
    const partOf = (): number => this.maxBytes / this.jobs;
    return {
      leave,
      get bytes() {
        return partOf();
      },
    };
  }
}

/** What one job may have under way; less while more jobs run. */
export interface Share {
  readonly bytes: number;
  leave(): void;
}
