export { avroReader } from './avro/avro-reader.js';
export { registerSchema, valueSubject } from './registry/register-schema.js';
export { RegistryClient, type RegistryOptions } from './registry/registry-client.js';
export { IncompatibleSchemaError, RegistryError } from './registry/registry-errors.js';
export * from './schema-catalog.js';
