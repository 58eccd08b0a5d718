import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { TerminusModule } from '@nestjs/terminus';
import { MetricsController, type Log } from '@orderstream/observability';
import { IngestController } from './accept/ingest.controller.js';
import { ingestConfig, type IngestConfig } from './config.js';
import { GenerateController } from './generate/generate.controller.js';
import { DeadLettersController } from './operate/dead-letters.controller.js';
import { HealthController } from './operate/health.controller.js';
import { PartitionsController } from './operate/partitions.controller.js';
import { StreamsController } from './operate/streams.controller.js';
import { WorkersController } from './operate/workers.controller.js';
import { partsOf } from './parts.js';
import { JobRowsController } from './query/job-rows.controller.js';
import { OrdersController } from './query/orders.controller.js';
import { RecordsController } from './query/records.controller.js';
import { ReconcileController } from './reconcile/reconcile.controller.js';
import { RedriveController } from './redrive/redrive.controller.js';
import { RejectsController } from './reject/rejects.controller.js';
import { StatsController } from './stats/stats.controller.js';
import { TailController } from './tail/tail.controller.js';
import { JobsController } from './track/jobs.controller.js';

/** Wiring only. Nothing connects before `Startup` runs. */
@Module({})
export class IngestApiModule {
  static register(config: IngestConfig, log: Log): DynamicModule {
    return {
      module: IngestApiModule,
      imports: [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [ingestConfig(config)] }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [
        IngestController,
        GenerateController,
        JobsController,
        RejectsController,
        JobRowsController,
        OrdersController,
        StreamsController,
        RecordsController,
        TailController,
        PartitionsController,
        ReconcileController,
        StatsController,
        RedriveController,
        DeadLettersController,
        WorkersController,
        HealthController,
        MetricsController,
      ],
      providers: partsOf(config, log).map(([provide, useValue]): Provider => ({ provide, useValue })),
    };
  }
}
