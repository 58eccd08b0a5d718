import { setInterval } from 'node:timers';

/** How often Kafka is asked whether it is there, and how long for an answer, ms. */
const PROBE_MS = 1_000;
const PROBE_DEADLINE_MS = 900;

export interface Broker {
  describeBroker(deadlineMs: number): Promise<unknown>;
}

/** What the API knows of the servers behind it. */
export class Backends {
  /** both ends were seen once; tables and topics are there */
  started = false;
  waitingFor: string | undefined;
  private brokerAnswers = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: { isUp(): boolean },
    private readonly broker: Broker,
  ) {}

  storeUp(): boolean {
    return this.started && this.store.isUp();
  }

  brokerUp(): boolean {
    return this.brokerAnswers;
  }

  /** Kafka is asked in the background, so that a health check never waits for it. */
  watchBroker(): void {
    const probe = async (): Promise<void> => {
      this.brokerAnswers = await this.broker.describeBroker(PROBE_DEADLINE_MS).then(
        () => true,
        () => false,
      );
    };
    void probe();
    this.timer = setInterval(() => void probe(), PROBE_MS);
  }

  stopWatching(): void {
    clearInterval(this.timer);
  }
}
