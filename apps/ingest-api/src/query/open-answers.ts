/** Answers that last as long as somebody listens: whole tables and tails. They end when the process does. */
export class OpenAnswers {
  private readonly ending = new AbortController();

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Aborts when this caller has gone, or the process ends. */
  until(gone: AbortSignal): AbortSignal {
    return AbortSignal.any([gone, this.ending.signal]);
  }

  end(): void {
    this.ending.abort(new Error('the process is ending'));
  }
}
