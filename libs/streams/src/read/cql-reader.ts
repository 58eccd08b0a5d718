import type { RowFault, RowFaultCode } from '@orderstream/contracts';
import type { CqlType } from '../cql/cql-type.js';
import type { ScalarType } from '../definition.js';
import type { Value } from '../stream.js';
import { presentValue } from '../values/present-value.js';
import type { ValueReader } from '../values/value-reader.js';
import type { NestedReader } from './column-reader.js';
import { isObject } from './nesting.js';
import { MAX_FAULTS, shown, textOf } from './row-fault.js';

/** Longer keys of maps are cut where a place is named. */
const SHOWN_KEY = 60;

/** How an upload, or a record, is to be read. */
export interface CqlReading {
  readonly readerOf: (type: ScalarType) => ValueReader;
  /** texts that mean a blank */
  readonly nulls: ReadonlySet<string> | undefined;
}

/** Compiles the reader of values of a collection or a user-defined type into canonical JSON. */
export function cqlReader(name: string, type: CqlType, reading: CqlReading): NestedReader {
  return {
    isList: type.kind === 'list' || type.kind === 'set',
    read: (parsed, faults) => {
      const before = faults.length;
      const json = new CqlJson(reading, faults, before + MAX_FAULTS).of(type, parsed, name);
      return faults.length === before ? json : undefined;
    },
  };
}

class CqlJson {
  constructor(
    private readonly reading: CqlReading,
    private readonly faults: RowFault[],
    private readonly mostFaults: number,
  ) {}

  /** Canonical JSON; what is wrong at `place` is appended to the faults, and the answer is of no use then. */
  of(type: CqlType, given: unknown, place: string): string {
    switch (type.kind) {
      case 'scalar':
        return this.scalar(type.type, given, place);
      case 'map':
        return isObject(given) ? this.map(type, given, place) : this.refuse(place, given, 'a JSON object');
      case 'udt':
        return isObject(given) ? this.udt(type, given, place) : this.refuse(place, given, 'a JSON object');
      default:
        return Array.isArray(given) ? this.items(type, given, place) : this.refuse(place, given, 'a JSON list');
    }
  }

  /** Items of a set that are the same are one. */
  private items({ kind, of }: Extract<CqlType, { of: CqlType }>, given: readonly unknown[], place: string): string {
    const items: string[] = [];
    for (let i = 0; i < given.length && this.goesOn; i++) items.push(this.of(of, given[i], `${place}[${i}]`));
    return `[${(kind === 'set' ? [...new Set(items)] : items).join(',')}]`;
  }

  private map({ key, of }: Extract<CqlType, { kind: 'map' }>, given: object, place: string): string {
    const json = new Map<string, string>();
    for (const [name, value] of Object.entries(given)) {
      if (!this.goesOn) break;
      const inner = `${place}[${JSON.stringify(name.slice(0, SHOWN_KEY))}]`;
      const read = key === 'text' ? name : this.reading.readerOf(key).fromText(name);
      if (read === undefined) this.refuse(inner, name, `a key that is ${this.reading.readerOf(key).expected}`);
      // The driver would read it as no entry at all.
      else if (read === '__proto__') this.refuse(inner, name, 'a key that can be read again');
      else if (json.has(String(read))) this.refuse(inner, name, 'a key that stands once');
      else json.set(String(read), this.of(of, value, inner));
    }
    return `{${[...json].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  }

  /** Fields that are not there, or are blank, are unset; what the type does not have is passed over. */
  private udt({ fields }: Extract<CqlType, { kind: 'udt' }>, given: Readonly<Record<string, unknown>>, place: string) {
    const entries: string[] = [];
    for (const { name, type } of fields) {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value !== undefined && value !== null && !this.isBlank(value))
        entries.push(`${JSON.stringify(name)}:${this.of(type, value, `${place}.${name}`)}`);
    }
    return `{${entries.join(',')}}`;
  }

  private isBlank(given: unknown): boolean {
    return typeof given === 'string' && (given.trim() === '' || this.isNull(given));
  }

  private isNull(text: string): boolean {
    return this.reading.nulls !== undefined && this.reading.nulls.has(text.trim());
  }

  private scalar(type: ScalarType, given: unknown, place: string): string {
    const reader = this.reading.readerOf(type);
    const value = typeof given === 'string' && this.isNull(given) ? undefined : readScalar(reader, given, type);
    if (value !== undefined) return JSON.stringify(presentValue(type, value));
    return this.refuse(place, given, reader.expected, reader.code);
  }

  private get goesOn(): boolean {
    return this.faults.length < this.mostFaults;
  }

  private refuse(place: string, given: unknown, expected: string, code: RowFaultCode = 'bad_json_value'): string {
    const value = textOf(given);
    const reason = `${place} is ${shown(value)}, not ${expected}. Correct it and send the row again.`;
    this.faults.push({ code, reason, column: place, value });
    return '';
  }
}

/** Null and what has brackets are no values of a scalar; white space around a value is no part of it, but of a text. */
function readScalar(reader: ValueReader, given: unknown, type: ScalarType): Value {
  if (typeof given === 'string') return readText(reader, type === 'text' ? given : given.trim(), type);
  if (typeof given === 'number') return reader.fromNumber?.(given);
  return typeof given === 'boolean' ? reader.fromBoolean?.(given) : undefined;
}

const readText = (reader: ValueReader, text: string, type: ScalarType): Value =>
  text === '' && type !== 'text' ? undefined : reader.fromText(text);
