import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `stack/`; this file is one level below it, as source and as build. */
export const STACK_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPO_ROOT = dirname(STACK_ROOT);

export const POM_FILE = join(STACK_ROOT, 'pom.xml');
/** Shared by every data directory, so that tests and benches do not fetch the jars again. */
export const DEFAULT_JARS_DIR = join(REPO_ROOT, '.orderstream', 'jars');
export const configFile = (name: string): string => join(STACK_ROOT, 'config', name);
