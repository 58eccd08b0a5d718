import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { silenceTimeoutNegativeWarning } from '@orderstream/kafka';
import { createLog, METRICS, NestLog, observeHttp, type Log, type Metrics } from '@orderstream/observability';
import { startFailure } from '@orderstream/settings';
import { StreamRegistry } from '@orderstream/streams';
import { mindBodies } from './accept/mind-bodies.js';
import { readConfig, type IngestConfig } from './config.js';
import { IngestApiModule } from './ingest-api.module.js';
import { describeApi } from './operate/api-description.js';
import { endWhenTold } from './operate/shutdown.js';
import { answerBrokenRequest } from './problems/broken-request.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { queryValidation } from './problems/validation.js';
import { Startup } from './startup.js';
import { JobReader } from './track/job-reader.js';

/** Characters of one part of a path; all headers together have 16 KiB. */
const MAX_KEY_LENGTH = 8192;

/** Health answers from the first moment; the rest works once Kafka and Cassandra are there. */
async function main(): Promise<void> {
  silenceTimeoutNegativeWarning();
  const config = configOrExit();
  const log = createLog({ app: 'ingest-api', level: config.logLevel });
  const app = await createApp(config, log);
  await app.listen(config.port, config.host);
  log.info({ url: `http://${config.host}:${config.port}`, docs: '/docs' }, 'ingest-api listens');
  const stop = endWhenTold(app, log, config.shutdownMs);
  await app
    .get(Startup)
    .run(stop)
    .catch((error: unknown) => {
      if (!stop.aborted) throw error; // told to stop while it waited: that is no failure
    });
}

async function createApp(config: IngestConfig, log: Log): Promise<NestFastifyApplication> {
  // No HEAD routes: a HEAD of /generate would start a run.
  const adapter = new FastifyAdapter({
    exposeHeadRoutes: false,
    // A key of a record stands in the path: a text, or several of them.
    routerOptions: { maxParamLength: MAX_KEY_LENGTH },
    return503OnClosing: true,
    clientErrorHandler: answerBrokenRequest,
  });
  const module = IngestApiModule.register(config, log);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLog(log),
    bodyParser: false,
  });
  const server = app.getHttpAdapter().getInstance();
  // Every body stays a stream; `BodyIntake` hands it to those that read one.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  mindBodies(server);
  const reader = app.get(JobReader);
  server.addHook('onSend', async (_request, reply) => {
    if (reader.isEnding) void reply.header('connection', 'close'); // an idle connection would hold the process
  });
  observeHttp(server, app.get<Metrics>(METRICS));
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalPipes(queryValidation());
  const streams = app.get(StreamRegistry).streams.map(({ definition }) => definition);
  SwaggerModule.setup('docs', app, describeApi(app, streams));
  return app;
}

function configOrExit(): IngestConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`ingest-api cannot start: ${startFailure(error)}\n`);
  process.exit(1);
});
