import { Controller, Get, Inject, Res } from '@nestjs/common';
import { METRICS, type Metrics } from './metrics.js';

interface Reply {
  header(name: string, value: string): unknown;
}

/** `GET /metrics` in the Prometheus text format, the same in both applications. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  async expose(@Res({ passthrough: true }) reply: Reply): Promise<string> {
    const { contentType, body } = await this.metrics.expose();
    reply.header('content-type', contentType);
    return body;
  }
}
