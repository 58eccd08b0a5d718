/**
 * Loaded into sink-worker before its main.js (`--import`), takes the statistics out of the blocks of the second kind:
 * nothing of them is counted, no bucket is read or written. All else is the product's own code, so what blocks of the two
 * kinds differ by is what statistics cost. BENCH_BLOCKS says where they lie.
 */
import type { RecordBatch } from '@orderstream/kafka';
import { Rollup } from '../../apps/sink-worker/dist/rollup/rollup.js';
import { isFirstKind, type BlockPlaces } from '../src/suites/alternating-blocks.ts';

const { begins, rowsPerBlock } = JSON.parse(process.env['BENCH_BLOCKS'] ?? '{}') as BlockPlaces;
type Begin = (this: Rollup, batch: RecordBatch, ...rest: unknown[]) => unknown;
const counted = Object.getOwnPropertyDescriptor(Rollup.prototype, 'begin')?.value as Begin | undefined;
if (counted === undefined) throw new Error('there is no begin to replace any more');
const nothing = { fold: { add: () => undefined }, settle: (outcome: unknown) => Promise.resolve(outcome) };

/** A batch that lies in two blocks is of the one it begins in. */
function begin(this: Rollup, batch: RecordBatch, ...rest: unknown[]): unknown {
  const { partition, records } = batch;
  const row = Number(records[0]!.offset) - begins[partition]!;
  return isFirstKind(Math.floor(row / rowsPerBlock[partition]!)) ? counted!.call(this, batch, ...rest) : nothing;
}
Object.defineProperty(Rollup.prototype, 'begin', { value: begin });
