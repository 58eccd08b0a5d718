import { nowMicros } from '../clock.ts';
import { olistFile } from '../load.ts';
import { startProductIngest } from '../suites/ingest.suite.ts';
import { drainOnce, prepareSinkLoad, SINK_KEYSPACE, startProductSink } from '../suites/sink.suite.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { createTables } from '../tables.ts';
import { upload } from '../upload.ts';
import { describeProfile, profileFolder } from './profile.ts';
import type { ProfileWindow } from './self-times.ts';

/** One turn of the product's sink under V8's profiler, on servers that one turn before has warmed. */
export async function profileSink(context: SuiteContext): Promise<string[]> {
  const { addresses } = context.servers;
  const folder = profileFolder('sink');
  await prepareSinkLoad(context);
  await createTables(context.servers, SINK_KEYSPACE);
  const turn = (nodeFlags: readonly string[]) =>
    drainOnce(
      {
        name: 'product sink',
        keyspace: SINK_KEYSPACE,
        start: (groupId) => startProductSink({ addresses, groupId, nodeFlags }),
      },
      context,
    );
  await turn([]);
  const { first, last } = await turn(folder.nodeFlags);
  return describeProfile(folder, { fromMicros: first.atMicros, toMicros: last.atMicros });
}

/** Three uploads; the last one is shown. */
export async function profileIngest({ servers, rows }: SuiteContext): Promise<string[]> {
  const folder = profileFolder('ingest');
  const file = await olistFile(rows);
  const { app, url } = await startProductIngest(servers, { nodeFlags: folder.nodeFlags });
  let window: ProfileWindow = { fromMicros: 0, toMicros: 0 };
  try {
    for (let n = 0; n < 3; n++) {
      const fromMicros = nowMicros();
      await upload(`${url}/ingest`, file, rows);
      window = { fromMicros, toMicros: nowMicros() };
    }
  } finally {
    await app.stop();
  }
  return describeProfile(folder, window);
}
