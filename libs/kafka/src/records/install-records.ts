import { createRequire } from 'node:module';
import { recordDecoder, type DecodeRecord } from './record-decoder.js';
import { recordEncoder, type EncodeRecord } from './record-encoder.js';

const FOLDER = 'kafkajs/src/protocol/';
const DECODER = `${FOLDER}recordBatch/record/v0/decoder`;
const ENCODER = `${FOLDER}recordBatch/record/v0`;

/**
 * Puts our decoder and encoder of records in the places of kafkajs 2.2.4's own, for this process (ADR 20). kafkajs loads
 * what uses them with its first fetch and its first send; so it has to be called before these. Once is enough.
 */
export function installRecords(): void {
  const require = createRequire(import.meta.url);
  replace<DecodeRecord>(require, DECODER, recordDecoder);
  replace<EncodeRecord>(require, ENCODER, recordEncoder);
}

const OURS = Symbol.for('orderstream.records');

function replace<T extends object>(require: NodeJS.Require, path: string, oursFor: (original: T) => T): void {
  const original = require(path) as T;
  const loaded = require.cache[require.resolve(path)];
  if (loaded && !(OURS in original)) loaded.exports = Object.assign(oursFor(original), { [OURS]: true });
}
