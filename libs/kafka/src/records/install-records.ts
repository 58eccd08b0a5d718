import { createRequire } from 'node:module';
import { produceRequests, type MakeProduceRequest } from './produce-request.js';
import { recordDecoder, type DecodeRecord } from './record-decoder.js';

const FOLDER = 'kafkajs/src/protocol/';
const DECODER = `${FOLDER}recordBatch/record/v0/decoder`;
const PRODUCE = `${FOLDER}requests/produce/v3/request`;

/**
 * Puts our decoder of records and our produce request in the places of kafkajs 2.2.4's own, for this process (ADR 20).
 * kafkajs loads what uses them with its first fetch and its first send; so it has to be called before these. Once is
 * enough.
 */
export function installRecords(): void {
  const require = createRequire(import.meta.url);
  replace<DecodeRecord>(require, DECODER, recordDecoder);
  replace<MakeProduceRequest>(require, PRODUCE, produceRequests);
}

const OURS = Symbol.for('orderstream.records');

function replace<T extends object>(require: NodeJS.Require, path: string, oursFor: (original: T) => T): void {
  const original = require(path) as T;
  const loaded = require.cache[require.resolve(path)];
  if (loaded && !(OURS in original)) loaded.exports = Object.assign(oursFor(original), { [OURS]: true });
}
