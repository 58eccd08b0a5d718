import type { Log, Metrics } from '@orderstream/observability';

/** What became of the letters of a redrive: for its log line and the warnings of its job. */
export class RedriveReport {
  sent = 0;
  private readonly parkedByReason = new Map<string, number>();
  private readonly leftByReason = new Map<string, number>();

  constructor(private readonly metrics: Metrics) {}

  countSent(topic: string, letters: number): void {
    this.sent += letters;
    this.metrics.counters.deadLettersMoved.inc({ topic, state: 'redriven' }, letters);
  }

  park(topic: string, reason: string): void {
    count(this.parkedByReason, reason, 1);
    this.metrics.counters.deadLettersMoved.inc({ topic, state: 'parked' });
  }

  /** Letters that stay open. */
  leave(reason: string, letters = 1): void {
    count(this.leftByReason, reason, letters);
  }

  /** Sentences for people. */
  warnings(): string[] {
    const parked = [...this.parkedByReason].map(([reason, n]) => `${lettersOf(n)} parked: ${reason}`);
    const left = [...this.leftByReason].map(([reason, n]) => `${lettersOf(n)} left open: ${reason}`);
    return [...parked, ...left];
  }

  log(log: Log, about: { readonly job: string; readonly state: string }): void {
    log.info(
      { ...about, sent: this.sent, parked: sumOf(this.parkedByReason), left: sumOf(this.leftByReason) },
      'redrive ended',
    );
  }
}

function count(counts: Map<string, number>, reason: string, n: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + n);
}

const lettersOf = (n: number): string => (n === 1 ? '1 letter is' : `${n} letters are`);

const sumOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);
