import type { FieldDefinition, StreamDefinition } from '../definition.js';
import { hexOf, indexOfHex, saltOf } from './dice.js';
import { uuidOf } from './id-fakes.js';
import { isDistinct } from './key-limit.js';
import type { RateCurve } from './rate-curve.js';
import { indexAt, turnsOf } from './turns.js';

/** What a run id ends in: a whole number as `String` writes it. */
const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/** What a record is found by in its run. */
export interface LocatedRun {
  readonly runKey: string;
  readonly startTimeMs: number;
  readonly curve: RateCurve;
  /** text that, with a field's name, gives the salt of its ids */
  readonly saltText: string;
}

type Locator = (record: Readonly<Record<string, unknown>>) => number | undefined;

const NOWHERE: Locator = () => undefined;

/**
 * Reads the index of a record back from the generated id in its primary key, or from whose turn it was and when;
 * undefined for a row of another run, and on streams whose primary key says neither. Ids in hexadecimal are read back up
 * to index 2^32 − 1.
 */
export function recordLocator({ fields, primaryKey, orderId }: StreamDefinition, run: LocatedRun): Locator {
  const keys = new Set([...primaryKey.partition, ...primaryKey.clustering.map(({ field }) => field)]);
  const keyFields = fields.filter(({ name }) => keys.has(name));
  const ids = keyFields.filter(isDistinct);
  const id = ids.find(({ name }) => name === orderId) ?? ids[0];
  if (!id?.fake) return turnLocator(keyFields, run);
  const { name, fake } = id;
  if (fake.kind === 'runId') return (record) => indexOfRunId(record[name], `${run.runKey}-`);
  const salt = saltOf(`${run.saltText}|${name}`);
  const length = fake.kind === 'hex' ? fake.length : 0;
  const idOf = fake.kind === 'uuid' ? uuidOf : (of: Int32Array, index: number) => hexOf(of, index, length);
  return (record) => {
    const text = record[name];
    const index = typeof text === 'string' ? indexOfHex(salt, text) : undefined;
    return index !== undefined && idOf(salt, index) === text ? index : undefined;
  };
}

function turnLocator(keyFields: readonly FieldDefinition[], { runKey, startTimeMs, curve }: LocatedRun): Locator {
  const turns = turnsOf(keyFields);
  const time = keyFields.find(({ fake }) => fake?.kind === 'eventTime')?.name;
  if (!turns || time === undefined) return NOWHERE;
  const { field, distinct, valueField, values } = turns;
  return (record) => {
    const place = indexOfRunId(record[field], `${runKey}-`);
    const value = values.indexOf(String(record[valueField]));
    const at = new Date(record[time] as number | string).getTime();
    if (place === undefined || place >= distinct || value < 0 || Number.isNaN(at)) return undefined;
    return indexAt(curve, place + value * distinct, distinct * values.length, at - startTimeMs);
  };
}

function indexOfRunId(text: unknown, prefix: string): number | undefined {
  if (typeof text !== 'string' || !text.startsWith(prefix)) return undefined;
  const rest = text.slice(prefix.length);
  return INDEX.test(rest) ? Number(rest) : undefined;
}
