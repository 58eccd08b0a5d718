import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { Backends } from './backends.js';

/**
 * live: the event loop turns (it answered). ready: both ends were seen once and Kafka can be reached. Cassandra away
 * later on is `degraded`, with 200: uploads under way and single records are still taken.
 */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly backends: Backends,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Everything: up, degraded (200) or down (503).' })
  async health(): Promise<HealthCheckResult & { degraded: boolean }> {
    const report = await this.checks.check([() => this.kafka(), () => this.cassandra(), () => this.started()]);
    return { ...report, degraded: !this.backends.storeUp() };
  }

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive?' })
  live(): Promise<HealthCheckResult> {
    return this.checks.check([]);
  }

  @Get('ready')
  @ApiOperation({ summary: 'May it get traffic?' })
  ready(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.started(), () => this.kafka()]);
  }

  @Get('startup')
  @ApiOperation({ summary: 'Has it started?' })
  startup(): Promise<HealthCheckResult> {
    return this.checks.check([() => this.started()]);
  }

  private kafka(): HealthIndicatorResult {
    const indicator = this.indicators.check('kafka');
    return this.backends.brokerUp() ? indicator.up() : indicator.down({ message: 'no broker answers' });
  }

  private cassandra(): HealthIndicatorResult {
    const indicator = this.indicators.check('cassandra');
    if (this.backends.storeUp()) return indicator.up();
    return indicator.up({ degraded: true, message: 'no node answers; new uploads get 503, single records are taken' });
  }

  private started(): HealthIndicatorResult {
    const indicator = this.indicators.check('startup');
    return this.backends.started ? indicator.up() : indicator.down({ message: this.backends.waitingFor ?? 'starting' });
  }
}
