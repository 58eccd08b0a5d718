import type { CqlType } from '@orderstream/streams';
import { DECODERS, type RecordValue } from './decode.js';
import { encodeText, ENCODERS, UnbindableValueError } from './encode.js';
import { encodeList } from './encode-list.js';

/** What canonical JSON can be parsed to. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

const UNSET = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/**
 * The bytes of a collection or a value of a user-defined type, of its canonical JSON; see §6 of the native protocol,
 * version 4. Throws UnbindableValueError.
 */
export function cqlEncoder(type: CqlType): (json: string | number | boolean) => Buffer {
  return (json) => {
    if (typeof json !== 'string') throw new UnbindableValueError(type.kind, json);
    return encode(type, JSON.parse(json) as Json);
  };
}

function encode(type: CqlType, value: Json): Buffer {
  switch (type.kind) {
    case 'scalar':
      return encodeScalar(type.type, value);
    case 'list':
    case 'set':
      return encodeList(value as readonly Json[], (item) => encode(type.of, item));
    case 'map':
      return encodeMap(type, Object.entries(value as JsonObject));
    case 'udt':
      return Buffer.concat(
        type.fields.flatMap(({ name, type: of }) => {
          const item = Object.hasOwn(value as JsonObject, name) ? (value as JsonObject)[name]! : null;
          return item === null ? [UNSET] : sized(encode(of, item));
        }),
      );
  }
}

/** Times are ISO text in JSON, and ms in a row. */
function encodeScalar(type: Extract<CqlType, { kind: 'scalar' }>['type'], value: Json): Buffer {
  if (value === null || typeof value === 'object') throw new UnbindableValueError(type, value);
  return ENCODERS[type](type === 'timestamp' ? Date.parse(String(value)) : value);
}

function keyOf(type: Extract<CqlType, { kind: 'map' }>['key'], name: string): Buffer {
  if (type === 'text') return encodeText(name);
  return ENCODERS[type](type === 'int' ? Number(name) : type === 'boolean' ? name === 'true' : name);
}

/** The number of pairs, then each key and value with its length. */
function encodeMap(type: Extract<CqlType, { kind: 'map' }>, pairs: readonly (readonly [string, Json])[]): Buffer {
  const parts = pairs.flatMap(([name, item]) => [...sized(keyOf(type.key, name)), ...sized(encode(type.of, item))]);
  return Buffer.concat([ENCODERS.int(pairs.length), ...parts]);
}

const sized = (bytes: Buffer): Buffer[] => [ENCODERS.int(bytes.length), bytes];

/** Canonical JSON value of what the driver decoded: sets are lists in the order of the table. */
export function cqlDecoder(type: CqlType): (value: unknown) => RecordValue {
  return (value) => decode(type, value);
}

function decode(type: CqlType, value: unknown): RecordValue {
  switch (type.kind) {
    case 'scalar':
      return DECODERS[type.type](value);
    case 'list':
    case 'set':
      return (value as readonly unknown[]).map((item) => decode(type.of, item));
    case 'map':
      return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, decode(type.of, item)]));
    case 'udt':
      return Object.fromEntries(
        type.fields.flatMap(({ name, type: of }) => {
          const item = (value as Readonly<Record<string, unknown>>)[name];
          return item === null || item === undefined ? [] : [[name, decode(of, item)] as const];
        }),
      );
  }
}
