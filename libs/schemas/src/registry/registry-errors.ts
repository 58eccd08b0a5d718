/** What a call to the registry came to, when not to an answer. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    message: string,
    /** it may well work later: no connection, no answer in time, 429 or 5xx */
    readonly retriable: boolean,
    /** HTTP status; undefined where there was no answer */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The schema of a stream breaks what is registered. The message has the registry's own explanation, field and rule. */
export class IncompatibleSchemaError extends Error {
  override readonly name = 'IncompatibleSchemaError';
}
