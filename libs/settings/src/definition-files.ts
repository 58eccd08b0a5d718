import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from './read-settings.js';

const DEFINITION = /\.(json|ya?ml)$/;

/**
 * The files of STREAMS_DIR in the order of their names; none where the setting is empty. Other files and hidden ones are
 * left alone. Throws SettingsError for a folder or a file that cannot be read, and for a folder with none: it is the wrong one.
 */
export function readDefinitionFiles(dir: string): { readonly name: string; readonly text: string }[] {
  if (dir === '') return [];
  const files = readAll(dir);
  if (files.length > 0) return files;
  throw new SettingsError([
    `STREAMS_DIR=${dir} has no file that ends in .json, .yaml or .yml; name the folder of your definitions, or leave the setting empty`,
  ]);
}

function readAll(dir: string): { readonly name: string; readonly text: string }[] {
  try {
    return readdirSync(dir)
      .filter((name) => DEFINITION.test(name) && !name.startsWith('.'))
      .sort()
      .map((name) => join(dir, name))
      .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  } catch (error) {
    throw new SettingsError([`STREAMS_DIR=${dir} cannot be read: ${(error as Error).message}`]);
  }
}
