import type { Derivation, FakeSpec, PersonFakeKind, WriteConsistency } from '../definition.js';
import { CATALOGUE } from '../generate/catalogue.js';
import { isScalar, VALUE_READERS } from '../values/value-reader.js';
import { BOOLEAN, NUMBER, STRING, STRINGS, type ObjectShape, type Shape } from './shape.js';

const PLAIN: ObjectShape = { required: {} };
const TYPES = Object.keys(VALUE_READERS);
const TYPE: Shape = { is: 'string', of: TYPES };
/** In the words of Cassandra. */
export const CONSISTENCIES: readonly string[] = [
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'QUORUM',
  'EACH_QUORUM',
  'ALL',
  'ONE',
] satisfies WriteConsistency[];
const ITEM_TYPE: Shape = { is: 'string', of: TYPES.filter(isScalar) };

const PERSON_FAKES: Readonly<Record<PersonFakeKind, ObjectShape>> = {
  fullName: PLAIN,
  firstName: PLAIN,
  lastName: PLAIN,
  email: PLAIN,
  username: PLAIN,
  phone: PLAIN,
  address: PLAIN,
  postCode: PLAIN,
  pictureUrl: PLAIN,
};

/** By kind; the schema for editors names them once. */
export const FAKES: Readonly<Record<FakeSpec['kind'], ObjectShape>> = {
  runId: { required: {}, optional: { distinct: NUMBER } },
  turn: { required: { values: STRINGS, field: STRING } },
  uuid: PLAIN,
  digits: { required: { length: NUMBER }, optional: { distinct: NUMBER } },
  catalogue: { required: { list: { is: 'string', of: Object.keys(CATALOGUE) } }, optional: { by: STRING } },
  hex: { required: { length: NUMBER }, optional: { distinct: NUMBER } },
  oneOf: { required: { values: STRINGS }, optional: { weights: { listOf: NUMBER } } },
  oneOfBy: { required: { field: STRING, values: { mapOf: STRINGS } } },
  int: { required: { min: NUMBER, max: NUMBER } },
  decimal: { required: { min: STRING, max: STRING, scale: NUMBER } },
  eventTime: { required: {}, optional: { plusDays: { required: { min: NUMBER, max: NUMBER } } } },
  after: {
    required: { field: STRING, minMs: NUMBER, maxMs: NUMBER },
    optional: {
      granularityMs: NUMBER,
      blankShare: NUMBER,
      onlyFor: { required: { field: STRING, values: STRINGS } },
    },
  },
  pastTime: { required: { fromYear: NUMBER, toYear: NUMBER } },
  items: { required: { min: NUMBER, max: NUMBER } },
  ...PERSON_FAKES,
};

export const DERIVATIONS: Readonly<Record<Derivation['kind'], ObjectShape>> = {
  product: { required: { of: { listOf: STRING, length: 2 } } },
  hourOf: { required: { of: STRING } },
  weekdayOf: { required: { of: STRING } },
  dayOf: { required: { of: STRING } },
  sumOf: { required: { list: STRING, of: STRINGS } },
  listOf: { required: { list: STRING, of: STRING, separator: STRING } },
};

const ITEM = {
  required: { name: STRING, type: ITEM_TYPE },
  optional: { required: BOOLEAN, min: STRING, max: STRING, fake: { kinds: FAKES } },
} as const satisfies Shape;

const FIELD: Shape = {
  required: { name: STRING, type: TYPE },
  optional: {
    ...ITEM.optional,
    column: STRING,
    default: STRING,
    csv: STRINGS,
    json: STRINGS,
    path: STRINGS,
    items: { listOf: ITEM },
    cql: STRING,
  },
};

const STATS: Shape = {
  required: {},
  optional: {
    time: STRING,
    category: STRING,
    account: STRING,
    quantity: STRING,
    revenue: STRING,
    product: { required: { field: STRING }, optional: { separator: STRING } },
  },
};

/** The shape of `StreamDefinition` as data; a property added there is added here. */
export const DEFINITION_SHAPE: Shape = {
  required: {
    name: STRING,
    description: STRING,
    topic: STRING,
    table: STRING,
    partitions: NUMBER,
    key: { required: { fields: STRINGS, separator: STRING } },
    primaryKey: {
      required: {
        partition: STRINGS,
        clustering: { listOf: { required: { field: STRING, order: { is: 'string', of: ['asc', 'desc'] } } } },
      },
    },
    indexes: STRINGS,
    fields: { listOf: FIELD },
    derived: {
      listOf: { required: { name: STRING, type: TYPE, from: { kinds: DERIVATIONS } }, optional: { column: STRING } },
    },
  },
  optional: {
    orderId: STRING,
    order: { required: {}, optional: { customer: STRING, status: STRING } },
    eventTime: STRING,
    derivedTopic: STRING,
    stats: STATS,
    ttl: NUMBER,
    consistency: { is: 'string', of: CONSISTENCIES },
    writeTimeFrom: STRING,
    managed: BOOLEAN,
    keyspace: STRING,
    lineage: BOOLEAN,
    types: { mapOf: { mapOf: STRING } },
  },
};
