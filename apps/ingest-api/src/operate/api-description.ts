import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { boundsInWords, type FieldType, type ItemField, type StreamDefinition } from '@orderstream/streams';

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** What a field is made from here: fields of lists, of records, and derived ones have this in common. */
interface DescribedField extends Pick<ItemField, 'name' | 'required' | 'min' | 'max'> {
  readonly type: FieldType;
  readonly items?: readonly ItemField[];
}

/** The OpenAPI description of every endpoint, and of the records of every stream: users' streams have theirs too. */
export function describeApi(app: INestApplication, streams: readonly StreamDefinition[]): OpenAPIObject {
  const info = new DocumentBuilder()
    .setTitle('orderstream')
    .setDescription('Orders from CSV files and HTTP into Kafka and Cassandra, with proof that every row arrived.')
    .setVersion('0.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, info);
  const records = Object.fromEntries(
    streams.map((definition) => [`${definition.name}.record`, recordSchema(definition)]),
  );
  return {
    ...document,
    components: { ...document.components, schemas: { ...document.components?.schemas, ...records } },
  };
}

/** A record as it is answered. A JSON body may have it so; there, numbers are taken for decimals and bigints too. */
function recordSchema({ description, fields, derived }: StreamDefinition): Schema {
  const { properties, ...object } = objectSchema(fields);
  const computed = derived.map((field) => [field.name, { ...schemaOf(field), readOnly: true }] as const);
  return { ...object, description, properties: { ...properties, ...Object.fromEntries(computed) } };
}

function objectSchema(fields: readonly DescribedField[]) {
  const required = fields.filter((field) => field.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)]));
  // An empty list of required names is no OpenAPI.
  return { type: 'object' as const, ...(required.length > 0 && { required }), properties };
}

function schemaOf(field: DescribedField): Schema {
  const { type, items } = field;
  if (type === 'list') return { type: 'array', items: objectSchema(items ?? []) };
  const bounds = boundsInWords(field);
  return { ...VALUES[type], ...(bounds !== '' && { description: bounds }) };
}

/** By type, as `presentValue` and the tables give them. */
const VALUES: Readonly<Record<Exclude<FieldType, 'list'>, Schema>> = {
  text: { type: 'string' },
  int: { type: 'integer', format: 'int32' },
  bigint: { type: 'string', format: 'int64', pattern: '^-?\\d+$' },
  decimal: { type: 'string', format: 'decimal', pattern: '^-?\\d+(\\.\\d+)?$' },
  timestamp: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  boolean: { type: 'boolean' },
  uuid: { type: 'string', format: 'uuid' },
  json: {},
};
