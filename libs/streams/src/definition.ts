/**
 * A stream is plain serialisable data: `JSON.parse(JSON.stringify(definition))` works as well as the original.
 * Topic, table, validators, encoders, prepared statements and generator all come from it.
 */

export type FieldType = 'text' | 'int' | 'bigint' | 'decimal' | 'timestamp' | 'date' | 'boolean' | 'uuid';

export type PersonFakeKind =
  'fullName' | 'firstName' | 'lastName' | 'email' | 'username' | 'phone' | 'address' | 'postCode' | 'pictureUrl';

/** How a fake value is made; see `generate/fakes.ts` for the catalogue. */
export type FakeSpec =
  /** `<runKey>-<index>` */
  | { readonly kind: 'runId' }
  /** distinct for every record of a run when `length` is 16 or more; with `distinct`, one of so many */
  | { readonly kind: 'hex'; readonly length: number; readonly distinct?: number }
  | { readonly kind: 'oneOf'; readonly values: readonly string[]; readonly weights?: readonly number[] }
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly min: string; readonly max: string; readonly scale: number }
  /** the record's own time in the run: start time + index / rate */
  | { readonly kind: 'eventTime' }
  /** one of the values that belong to the value of another field of the same record */
  | { readonly kind: 'oneOfBy'; readonly field: string; readonly values: Readonly<Record<string, readonly string[]>> }
  /**
   * another timestamp field plus a random time, rounded down to `granularityMs`; left out where that field is unset, in
   * `blankShare` of the records, and where the field of `onlyFor` has none of its values
   */
  | {
      readonly kind: 'after';
      readonly field: string;
      readonly minMs: number;
      readonly maxMs: number;
      readonly granularityMs?: number;
      readonly blankShare?: number;
      readonly onlyFor?: { readonly field: string; readonly values: readonly string[] };
    }
  /** all of one record are of the same person */
  | { readonly kind: PersonFakeKind }
  /** a random moment of these years, both included; ISO text in a text field */
  | { readonly kind: 'pastTime'; readonly fromYear: number; readonly toYear: number };

export interface FieldDefinition {
  /** snake_case: the JSON name, the CSV name and the column */
  readonly name: string;
  readonly type: FieldType;
  readonly required?: boolean;
  /** inclusive bounds of int, bigint and decimal, as decimal text */
  readonly min?: string;
  readonly max?: string;
  /** further header names that mean this field */
  readonly csv?: readonly string[];
  readonly fake?: FakeSpec;
}

/** The named catalogue of derivations; all of them are pure. */
export type Derivation =
  | { readonly kind: 'product'; readonly of: readonly [string, string] }
  | { readonly kind: 'hourOf'; readonly of: string }
  | { readonly kind: 'weekdayOf'; readonly of: string };

export interface DerivedField {
  readonly name: string;
  readonly type: FieldType;
  readonly from: Derivation;
}

export interface ClusteringColumn {
  readonly field: string;
  readonly order: 'asc' | 'desc';
}

export interface StreamDefinition {
  /** kebab-case, unique */
  readonly name: string;
  readonly description: string;
  readonly topic: string;
  readonly table: string;
  readonly partitions: number;
  /** `GET /orders/:id` looks here, by this field */
  readonly orderId?: string;
  /** what else `GET /orders` knows an order by, where the stream has it */
  readonly order?: { readonly customer?: string; readonly status?: string };
  /** the timestamp at which what a record tells of happened: `from` and `to` of questions, and what newest first means */
  readonly eventTime?: string;
  /** message key: these fields, joined */
  readonly key: { readonly fields: readonly string[]; readonly separator: string };
  readonly primaryKey: { readonly partition: readonly string[]; readonly clustering: readonly ClusteringColumn[] };
  /** columns with an index */
  readonly indexes: readonly string[];
  readonly fields: readonly FieldDefinition[];
  readonly derived: readonly DerivedField[];
}

/** What a definition file may leave out. */
export type StreamInput = Omit<StreamDefinition, 'topic' | 'table' | 'partitions' | 'indexes' | 'derived'> &
  Partial<Pick<StreamDefinition, 'topic' | 'table' | 'partitions' | 'indexes' | 'derived'>>;
