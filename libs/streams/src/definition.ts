/**
 * A stream is plain serialisable data: `JSON.parse(JSON.stringify(definition))` works as well as the original.
 * Topic, table, validators, encoders, prepared statements and generator all come from it.
 */

/** One value. The names are CQL's. */
export type ScalarType = 'text' | 'int' | 'bigint' | 'decimal' | 'timestamp' | 'date' | 'boolean' | 'uuid';

/**
 * `list`: one or more items of the same fields; a text column that holds them as canonical JSON. `json`: a collection or a
 * value of a user-defined type, see `cql`; canonical JSON in its row.
 */
export type FieldType = ScalarType | 'list' | 'json';

export type PersonFakeKind =
  'fullName' | 'firstName' | 'lastName' | 'email' | 'username' | 'phone' | 'address' | 'postCode' | 'pictureUrl';

/** See `generate/catalogue.ts`. */
export type CatalogueList = 'companies' | 'products' | 'places' | 'streets' | 'people';

/** How a fake value is made; see `generate/fakes.ts` for the catalogue. */
export type FakeSpec =
  /** `<runKey>-<index>`; with `distinct`, so many of them in turn */
  | { readonly kind: 'runId'; readonly distinct?: number }
  /** one after the other; the next one when every value of `field`, a runId with `distinct`, has had its turn */
  | { readonly kind: 'turn'; readonly values: readonly string[]; readonly field: string }
  /** distinct for every record of a run */
  | { readonly kind: 'uuid' }
  /** decimal digits, the first no zero; with `distinct`, one of so many */
  | { readonly kind: 'digits'; readonly length: number; readonly distinct?: number }
  /** one entry of a list; with `by`, the same one for all records that have the same text in that field */
  | { readonly kind: 'catalogue'; readonly list: CatalogueList; readonly by?: string }
  /** distinct for every record of a run when `length` is 16 or more; with `distinct`, one of so many */
  | { readonly kind: 'hex'; readonly length: number; readonly distinct?: number }
  | { readonly kind: 'oneOf'; readonly values: readonly string[]; readonly weights?: readonly number[] }
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly min: string; readonly max: string; readonly scale: number }
  /** the record's own time in the run: start time + index / rate; a date may be so many days later, by chance */
  | { readonly kind: 'eventTime'; readonly plusDays?: { readonly min: number; readonly max: number } }
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
  /** so many items of a list, each made by the fakes of its fields */
  | { readonly kind: 'items'; readonly min: number; readonly max: number }
  /** a random moment of these years, both included; ISO text in a text field */
  | { readonly kind: 'pastTime'; readonly fromYear: number; readonly toYear: number };

/** A field of the items of a list. */
export interface ItemField {
  /** snake_case: the JSON name */
  readonly name: string;
  readonly type: ScalarType;
  readonly required?: boolean;
  /** inclusive bounds of int, bigint and decimal, as decimal text */
  readonly min?: string;
  readonly max?: string;
  readonly fake?: FakeSpec;
}

/** How many replicas acknowledge a write before it counts. */
export type WriteConsistency = 'LOCAL_ONE' | 'LOCAL_QUORUM' | 'QUORUM' | 'EACH_QUORUM' | 'ALL' | 'ONE';

export interface FieldDefinition extends Omit<ItemField, 'type'> {
  /** snake_case: the JSON name, the CSV name and, without `column`, the column */
  readonly name: string;
  readonly type: FieldType;
  /** what the column of the table is called where it is not called as the field */
  readonly column?: string;
  /**
   * Where the field lies in a nested record: `['shipping_info', 'address']`. In JSON it is read from there, or flat under
   * its name; in CSV under its name, under `shipping_info.address`, or inside a JSON cell `shipping_info`.
   */
  readonly path?: readonly string[];
  /** fields of each item; of a list, and of nothing else */
  readonly items?: readonly ItemField[];
  /** the type of the column of a field of the type json: `set<text>`, `map<text, int>`, `frozen<address>` */
  readonly cql?: string;
  /** what a blank or a missing value becomes, as text */
  readonly default?: string;
  /** further header names that mean this field */
  readonly csv?: readonly string[];
  /** further names of this field in a JSON record, letter for letter; the first that is there is read */
  readonly json?: readonly string[];
}

/** The named catalogue of derivations; all of them are pure. */
export type Derivation =
  | { readonly kind: 'product'; readonly of: readonly [string, string] }
  | { readonly kind: 'hourOf'; readonly of: string }
  | { readonly kind: 'weekdayOf'; readonly of: string }
  /** date of a timestamp in UTC */
  | { readonly kind: 'dayOf'; readonly of: string }
  /** exact sum over the items of a list of one of their fields, or of the product of two */
  | { readonly kind: 'sumOf'; readonly list: string; readonly of: readonly string[] }
  /** one text field of the items of a list, in their order */
  | { readonly kind: 'listOf'; readonly list: string; readonly of: string; readonly separator: string };

export interface DerivedField {
  readonly name: string;
  /** as that of a field */
  readonly column?: string;
  readonly type: FieldType;
  readonly from: Derivation;
}

export interface ClusteringColumn {
  readonly field: string;
  readonly order: 'asc' | 'desc';
}

/**
 * What the statistics of a stream count (docs/guides/statistics.md). Each names a field or a derived field; every stream
 * has counts per partition, hour and weekday without it.
 */
export interface StatsDefinition {
  /** timestamp or date: when it happened. Default: the write time of the record */
  readonly time?: string;
  /** text: the groups of `by=category` */
  readonly category?: string;
  /** text or uuid: totals for each of its values, `by=<its name>` */
  readonly account?: string;
  /** int, bigint or decimal; summed exactly */
  readonly quantity?: string;
  /** int, bigint or decimal; summed exactly */
  readonly revenue?: string;
  /** text: what the list of products names; with a separator, one value is several names */
  readonly product?: { readonly field: string; readonly separator?: string };
}

export interface StreamDefinition {
  /** kebab-case, unique */
  readonly name: string;
  readonly description: string;
  readonly topic: string;
  /** where the sink publishes each stored record, flat and with its derived fields; nobody of ours reads it */
  readonly derivedTopic?: string;
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
  readonly stats?: StatsDefinition;
  /** s after which what was written is gone */
  readonly ttl?: number;
  /** of its writes; default: that of the session */
  readonly consistency?: WriteConsistency;
  /** a required timestamp: rows are written at its time, so that the newest by it wins, whenever it comes */
  readonly writeTimeFrom?: string;
  /** false: topic, keyspace and table are there and are somebody else's; a start checks that they fit, and makes nothing */
  readonly managed?: boolean;
  /** of a table that is not managed; default: that of all tables */
  readonly keyspace?: string;
  /** false: the table, which is not managed, has no columns for where a row came from */
  readonly lineage?: boolean;
  /** user-defined types of a keyspace that is not managed, as `cql` names them: the types of their fields, by name and in their order */
  readonly types?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a definition file may leave out. */
export type StreamInput = Omit<StreamDefinition, 'topic' | 'table' | 'partitions' | 'indexes' | 'derived'> &
  Partial<Pick<StreamDefinition, 'topic' | 'table' | 'partitions' | 'indexes' | 'derived'>>;
