import { ProblemError } from '@orderstream/contracts';

export interface PlaceOptions {
  /** requests at once */
  readonly most: number;
  /** what is said when there are as many, behind their number */
  readonly fullDetail: string;
  readonly onChange?: (taken: number) => void;
}

/** Bounds how many requests of one kind are received at once. */
export class Places {
  private taken = 0;

  constructor(private readonly options: PlaceOptions) {}

  /** Answers what gives the place back; calling that again does nothing. Throws `too_many_requests`. */
  take(): () => void {
    const { most, fullDetail } = this.options;
    if (this.taken >= most)
      throw new ProblemError('too_many_requests', `${most} ${fullDetail}`, { retryAfterSeconds: 2 });
    this.change(1);
    let isTaken = true;
    return () => {
      if (isTaken) this.change(-1);
      isTaken = false;
    };
  }

  private change(by: 1 | -1): void {
    this.taken += by;
    this.options.onChange?.(this.taken);
  }
}
