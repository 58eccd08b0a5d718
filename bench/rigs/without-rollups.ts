/**
 * Loaded into sink-worker before its main.js (`--import`), takes the statistics out: nothing is counted, no bucket is read
 * or written. All else is the product's own code, so what the two differ by is what statistics cost.
 */
import { Rollup } from '../../apps/sink-worker/dist/rollup/rollup.js';

if (!('begin' in Rollup.prototype)) throw new Error('there is no begin to replace any more');
const count = { fold: { add: () => undefined }, settle: (outcome: unknown) => Promise.resolve(outcome) };
Object.defineProperty(Rollup.prototype, 'begin', { value: () => count });
