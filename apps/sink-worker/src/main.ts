import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BatchServerKafka, silenceTimeoutNegativeWarning } from '@orderstream/kafka';
import { createLog, METRICS, NestLog, observeHttp, type Metrics } from '@orderstream/observability';
import { startFailure } from '@orderstream/settings';
import { readConfig, type SinkConfig } from './config.js';
import { endWhenTold } from './operate/shutdown.js';
import { SinkWorkerModule } from './sink-worker.module.js';
import { Startup } from './startup.js';

/**
 * Health and metrics answer from the first moment; consuming begins when Cassandra and Kafka are there. The walk from
 * here: startup.ts → consume/ (`@EventPattern`) → pipeline.ts → write/, reject/; what a record means is in
 * libs/streams/record.
 */
async function main(): Promise<void> {
  silenceTimeoutNegativeWarning();
  const config = configOrExit();
  const log = createLog({ app: 'sink-worker', level: config.logLevel });
  const module = SinkWorkerModule.register(config, log);
  const adapter = new FastifyAdapter({ exposeHeadRoutes: false, forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger: new NestLog(log) });
  app.connectMicroservice({ strategy: app.get(BatchServerKafka) });
  observeHttp(app.getHttpAdapter().getInstance(), app.get<Metrics>(METRICS));
  await app.listen(config.port, config.host);
  log.info({ url: `http://${config.host}:${config.port}` }, 'sink-worker listens');
  const stop = endWhenTold(app, log, config.shutdownMs);
  await app
    .get(Startup)
    .run(() => app.startAllMicroservices(), stop)
    .catch((error: unknown) => {
      if (stop.aborted) return; // told to stop while it waited: that is no failure
      log.fatal({ error }, `sink-worker cannot start: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
}

function configOrExit(): SinkConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`sink-worker cannot start: ${startFailure(error)}\n`);
  process.exit(1);
});
