import { withDeadline } from '@orderstream/resilience';

/** How often each is asked whether it is there, and how long for an answer, ms. */
const PROBE_MS = 1_000;
const PROBE_DEADLINE_MS = 900;
/** So many questions in a row without an answer, and it is away: a single one is lost to a pause of this process, too. */
const MISSES = 2;

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
  private readonly brokerSeen = new Presence();
  private readonly storeSeen = new Presence();
  private timer: NodeJS.Timeout | undefined;
  private probing: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly broker: Broker,
  ) {}

  storeUp(): boolean {
    return this.started && this.storeSeen.isThere;
  }

  brokerUp(): boolean {
    return this.brokerSeen.isThere;
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
    const [storeAnswers, brokerAnswers] = await Promise.all([store, this.asksBroker()]);
    this.storeSeen.asked(storeAnswers);
    this.brokerSeen.asked(brokerAnswers);
  }

  private asksBroker(): Promise<boolean> {
    return this.broker.describeBroker(PROBE_DEADLINE_MS).then(
      () => true,
      () => false,
    );
  }
}

/** Away until it has answered once. */
class Presence {
  private misses = MISSES;

  asked(hasAnswered: boolean): void {
    this.misses = hasAnswered ? 0 : this.misses + 1;
  }

  get isThere(): boolean {
    return this.misses < MISSES;
  }
}
