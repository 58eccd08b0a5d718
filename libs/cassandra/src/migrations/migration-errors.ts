/** A numbered migration differs from the one that ran in this keyspace. */
export class MigrationChangedError extends Error {
  readonly code = 'migration_changed';
  readonly retriable = false;

  constructor(name: string, keyspace: string) {
    super(
      `The migration ${name} is not the one that ran in keyspace ${keyspace}. Start the version that ran it, ` +
        'or use another keyspace; a change belongs into a new migration.',
    );
    this.name = 'MigrationChangedError';
  }
}

/**
 * A stream's table was made from another definition, and the difference is more than columns that can be added: another
 * type, another key, a field that every row must have.
 */
export class TableOutdatedError extends Error {
  readonly code = 'table_outdated';
  readonly retriable = false;

  constructor(
    table: string,
    readonly faults: readonly string[],
  ) {
    super(
      `The table ${table} does not fit the definition of its stream: ${faults.join('; ')}. Only fields that are not ` +
        'required can be added to a table that exists. Two ways on: go back to the definition it was made from, or ' +
        'give the stream another table and send its records again.',
    );
    this.name = 'TableOutdatedError';
  }
}

/** Tables that are somebody else's do not fit the definitions of their streams. */
export class ForeignTableError extends Error {
  readonly code = 'foreign_table';
  readonly retriable = false;

  constructor(readonly faults: readonly string[]) {
    const count = faults.length === 1 ? '1 mismatch' : `${faults.length} mismatches`;
    super(
      `Tables that are not managed have ${count} with their streams; correct the definitions or the tables:\n${faults.join('\n')}`,
    );
    this.name = 'ForeignTableError';
  }
}

/** The nodes did not come to one schema in time; a later start goes on where this one stopped. */
export class SchemaDisagreementError extends Error {
  readonly code = 'schema_disagreement';
  readonly retriable = true;

  constructor(statement: string) {
    super(
      `The nodes have not agreed on the schema after: ${statement.split('\n', 1)[0]}. Check that all are up, then start again.`,
    );
    this.name = 'SchemaDisagreementError';
  }
}

/** Another process holds the migration lock for longer than it should. */
export class MigrationLockedError extends Error {
  readonly code = 'migration_locked';
  readonly retriable = true;

  constructor(keyspace: string, owner: string) {
    super(
      `Another process (${owner}) is still migrating keyspace ${keyspace}. It lets go by itself within a minute; start again then.`,
    );
    this.name = 'MigrationLockedError';
  }
}
