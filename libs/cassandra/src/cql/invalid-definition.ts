/** A stream definition no table can be made of. */
export class InvalidDefinitionError extends Error {
  readonly code = 'invalid_definition';
  readonly retriable = false;

  constructor(stream: string, reason: string) {
    super(`The stream ${stream} cannot have a table: ${reason}. Correct its definition.`);
    this.name = 'InvalidDefinitionError';
  }
}
