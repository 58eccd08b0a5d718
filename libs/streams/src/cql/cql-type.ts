import type { ScalarType, StreamDefinition } from '../definition.js';
import { isScalar } from '../values/value-reader.js';

/** A CQL type that a field of the type json can have, and what it is made of. */
export type CqlType = { readonly frozen: boolean } & (
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'list' | 'set'; readonly of: CqlType }
  | { readonly kind: 'map'; readonly key: ScalarType; readonly of: CqlType }
  | { readonly kind: 'udt'; readonly name: string; readonly fields: readonly CqlField[] }
);

/** A field of a user-defined type. */
export interface CqlField {
  readonly name: string;
  readonly type: CqlType;
}

export type UserTypes = NonNullable<StreamDefinition['types']>;

/** The text is no type of which JSON can be bound; its message is a part of a sentence. */
export class CqlTypeError extends Error {}

const NAME = /^[a-z][a-z0-9_]*$/;
/** A key of a JSON object is a text, so only what has one text for each value. */
const KEYS: readonly ScalarType[] = ['text', 'int', 'bigint', 'uuid', 'date', 'boolean'];
const MAX_DEPTH = 8;

/** Reads `map<text, frozen<address>>`. Throws CqlTypeError. */
export function parseCqlType(text: string, types: UserTypes = {}): CqlType {
  return parse(text, types, 0);
}

function parse(text: string, types: UserTypes, depth: number): CqlType {
  const parser = new Parser(text.match(/[A-Za-z0-9_]+|\S/g) ?? [], types, depth);
  const type = parser.type(false);
  if (!parser.isAtEnd) throw new CqlTypeError('goes on after its type');
  return type;
}

/** As `system_schema` writes it. */
export function cqlTypeText(type: CqlType): string {
  const own = bareText(type);
  return type.frozen ? `frozen<${own}>` : own;
}

function bareText(type: CqlType): string {
  if (type.kind === 'scalar') return type.type;
  if (type.kind === 'udt') return type.name;
  if (type.kind === 'map') return `map<${type.key}, ${cqlTypeText(type.of)}>`;
  return `${type.kind}<${cqlTypeText(type.of)}>`;
}

/** Every user-defined type that is part of it, by name. */
export function userTypesIn(type: CqlType, found = new Map<string, readonly CqlField[]>()) {
  if (type.kind === 'udt') {
    found.set(type.name, type.fields);
    for (const field of type.fields) userTypesIn(field.type, found);
  } else if (type.kind !== 'scalar') userTypesIn(type.of, found);
  return found;
}

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly types: UserTypes,
    private depth: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  /** `frozen`: it lies in something that is, and so is it, however it is written. */
  type(frozen: boolean): CqlType {
    if (this.depth > MAX_DEPTH) throw new CqlTypeError(`lies more than ${MAX_DEPTH} types deep`);
    const name = this.tokens[this.at++];
    switch (name) {
      case 'frozen':
        return this.within(() => this.frozen());
      case 'list':
      case 'set':
        return this.within(() => ({ kind: name, of: this.item(frozen), frozen }));
      case 'map':
        return this.within(() => this.map(frozen));
      default:
        return this.named(name, frozen);
    }
  }

  private frozen(): CqlType {
    const type = this.type(true);
    if (type.kind === 'scalar') throw new CqlTypeError(`has frozen<${type.type}>, which is ${type.type} itself`);
    return type;
  }

  /** Cassandra keeps what lies in a collection as one value. */
  private item(frozen: boolean): CqlType {
    const type = this.type(frozen);
    if (type.kind === 'scalar' || type.frozen) return type;
    throw new CqlTypeError(`needs frozen<${cqlTypeText(type)}> inside a collection`);
  }

  private map(frozen: boolean): CqlType {
    const key = this.type(frozen);
    if (key.kind !== 'scalar' || !KEYS.includes(key.type))
      throw new CqlTypeError(`has a map whose key is none of ${KEYS.join(', ')}`);
    this.take(',');
    return { kind: 'map', key: key.type, of: this.item(frozen), frozen };
  }

  private named(name = '', frozen: boolean): CqlType {
    if (isScalar(name)) return { kind: 'scalar', type: name, frozen: false };
    if (!NAME.test(name))
      throw new CqlTypeError(name === '' ? 'ends in the middle' : `has "${name}" where a type should be`);
    if (!Object.hasOwn(this.types, name))
      throw new CqlTypeError(`has "${name}", which is no type of a field and none of "types"`);
    const fields = Object.entries(this.types[name]!).map(([field, text]): CqlField => {
      if (!NAME.test(field))
        throw new CqlTypeError(`has a type ${name} with a field "${field}", which is not snake_case`);
      return { name: field, type: parse(text, this.types, this.depth + 1) };
    });
    return { kind: 'udt', name, fields, frozen };
  }

  private within<T>(read: () => T): T {
    this.take('<');
    this.depth++;
    const value = read();
    this.depth--;
    this.take('>');
    return value;
  }

  private take(token: string): void {
    if (this.tokens[this.at++] !== token) throw new CqlTypeError(`lacks a "${token}"`);
  }
}
