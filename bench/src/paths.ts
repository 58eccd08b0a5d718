import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = dirname(dirname(fileURLToPath(import.meta.url)));
export const ROOT = dirname(BENCH);
/** logs, profiles and JSON of the runs; not in git */
export const RESULTS = join(BENCH, 'results');
export const STACK_DIR = join(ROOT, '.orderstream', 'bench');
/** generated files, kept between runs */
export const DATA = join(ROOT, '.orderstream', 'bench-data');

export const rigFile = (name: string): string => join(BENCH, 'rigs', `${name}.ts`);
export const appFile = (name: string): string => join(ROOT, 'apps', name, 'dist', 'main.js');
