import { withDeadline } from '@orderstream/resilience';

/** How often each is asked whether it is there, and how long for an answer, ms. */
const PROBE_MS = 1_000;
const PROBE_DEADLINE_MS = 900;

export interface Broker {
  describeBroker(deadlineMs: number): Promise<unknown>;
}

export interface Store {
  /** false when no answer came within the time; never rejects */
  ping(deadlineMs: number): Promise<boolean>;
}

/** What the API knows of the servers behind it. */
export class Backends {
  /** both ends were seen once; tables and topics are there */
  started = false;
  waitingFor: string | undefined;
  private brokerAnswers = false;
  private storeAnswers = false;
  private timer: NodeJS.Timeout | undefined;
  private probing: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly broker: Broker,
  ) {}

  storeUp(): boolean {
    return this.started && this.storeAnswers;
  }

  brokerUp(): boolean {
    return this.brokerAnswers;
  }

  /**
   * Both are asked in the background, so that no request waits for the answer. An open connection says nothing: a server
   * that hangs keeps it.
   */
  async watch(): Promise<void> {
    this.timer = setInterval(() => void this.probe(), PROBE_MS);
    await this.probe();
  }

  stopWatching(): void {
    clearInterval(this.timer);
  }

  /** One at a time: the answer of a slow one must not come after that of the next. */
  private probe(): Promise<void> {
    this.probing ??= this.ask().finally(() => {
      this.probing = undefined;
    });
    return this.probing;
  }

  private async ask(): Promise<void> {
    const late = () => new Error('no answer');
    const store = withDeadline(this.store.ping(PROBE_DEADLINE_MS), PROBE_DEADLINE_MS, late).catch(() => false);
    [this.storeAnswers, this.brokerAnswers] = await Promise.all([store, this.asksBroker()]);
  }

  private asksBroker(): Promise<boolean> {
    return this.broker.describeBroker(PROBE_DEADLINE_MS).then(
      () => true,
      () => false,
    );
  }
}
