import { pathToFileURL } from 'node:url';
import { rigFile } from '../paths.ts';
import { ratioOf } from '../spread.ts';
import { createTables } from '../tables.ts';
import type { Turn } from '../turn.ts';
import { drainOnce, prepareSinkLoad, SINK_KEYSPACE, startProductSink, type SinkContender } from './sink.suite.ts';
import { alternate, type Contender, type SuiteContext, type SuiteResult } from './suite.ts';

export const ROLLUPS_ROWS = 200_000;

/** CPU time of the sink worker with statistics over its CPU time without them, on the same records of one topic. */
export async function rollupsSuite(context: SuiteContext): Promise<SuiteResult> {
  const { servers } = context;
  await prepareSinkLoad(context);
  await createTables(servers, SINK_KEYSPACE);
  const contender = (name: string, nodeFlags: readonly string[]): Contender => {
    const sink: SinkContender = {
      name,
      keyspace: SINK_KEYSPACE,
      start: (groupId) => startProductSink({ addresses: servers.addresses, groupId, nodeFlags }),
    };
    return { name, turn: async () => (await drainOnce(sink, context)).turn };
  };
  const turns = await alternate(
    [
      contender('counting', []),
      contender('not counting', ['--import', pathToFileURL(rigFile('without-rollups')).href]),
    ],
    context,
  );
  const cpuOf = (name: string): number[] => turns[name]!.map(({ cpu }: Turn) => cpu.own);
  return { ratios: { sinkRollups: ratioOf(cpuOf('counting'), cpuOf('not counting')) }, turns, rssMb: {} };
}
