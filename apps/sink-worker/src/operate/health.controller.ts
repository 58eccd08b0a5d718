import { Controller, Get } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { BatchServerKafka } from '@orderstream/kafka';
import { stopReasonOf } from '../consume/stop-reason.js';
import { Startup } from '../startup.js';
import { Backends } from './backends.js';

/**
 * live: the event loop turns and the consumer has not crashed for good.
 * ready: the worker is in its group and no partition is stopped. Cassandra or the schema registry away is `degraded`:
 * the worker waits.
 */
@Controller()
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly consumer: BatchServerKafka,
    private readonly backends: Backends,
    private readonly startup: Startup,
  ) {}

  @Get('health')
  health(): Promise<HealthCheckResult> {
    return this.checks.check([
      () => this.live(),
      () => this.joined(),
      () => this.partitions(),
      () => this.cassandra(),
      () => this.registry(),
    ]);
  }

  @Get('health/live')
  liveness(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.live()]);
  }

  @Get('health/ready')
  readiness(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.joined(), () => this.partitions(), () => this.registry()]);
  }

  @Get('health/startup')
  startupDone(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.started()]);
  }

  private live(): HealthIndicatorResult {
    const { crashed } = this.consumer.health();
    const indicator = this.indicators.check('consumer');
    return crashed
      ? indicator.down({ message: 'the Kafka consumer has crashed for good; restart this worker' })
      : indicator.up();
  }

  private joined(): HealthIndicatorResult {
    const indicator = this.indicators.check('group');
    if (this.consumer.health().joined)
      return indicator.up({ partitions: Object.values(this.consumer.assignment()).flat().length });
    return indicator.down({ message: this.startup.waitingFor ?? 'not in the consumer group yet' });
  }

  private partitions(): HealthIndicatorResult {
    const { stopped } = this.consumer.health();
    const indicator = this.indicators.check('partitions');
    if (stopped.length === 0) return indicator.up();
    const where = stopped.map((each) => {
      const { topic, partition, offset } = each;
      return { topic, partition, offset, error: stopReasonOf(each) };
    });
    const message =
      'stopped by an error nobody has a class for; mend its cause, then POST /streams/:name/partitions/:partition/retry to the API, or skip';
    return indicator.down({ message, stopped: where });
  }

  private cassandra(): HealthIndicatorResult {
    return this.waits('cassandra', this.backends.cassandraAway);
  }

  private registry(): HealthIndicatorResult {
    return this.waits('schemaRegistry', this.backends.registryAway);
  }

  private waits(name: string, message: string | undefined): HealthIndicatorResult {
    const indicator = this.indicators.check(name);
    return message === undefined ? indicator.up() : indicator.up({ degraded: true, message });
  }

  private started(): HealthIndicatorResult {
    const indicator = this.indicators.check('startup');
    return this.startup.done ? indicator.up() : indicator.down({ message: this.startup.waitingFor ?? 'starting' });
  }
}
