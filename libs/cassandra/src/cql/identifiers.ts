/** Names a table or column may have unquoted; Cassandra's limit is 48 characters. */
const NAME = /^[a-z][a-z0-9_]{0,47}$/;

/** As Cassandra keeps them when they were made in quotes. */
const MIXED_CASE = /^(?=.*[A-Z])[A-Za-z][A-Za-z0-9_]{0,47}$/;

/** CQL's reserved words; any of them may be the name of a field of a user's stream, in quotes. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'add allow alter and apply asc authorize batch begin by columnfamily create default delete desc describe drop ' +
    'entries execute from full grant if in index infinity insert into is keyspace limit materialized mbean mbeans ' +
    'modify nan norecursive not null of on or order primary rename replace revoke schema select set table to token ' +
    'truncate unlogged unset update use using view where with'
  ).split(' '),
);

/** A name that cannot be used in CQL. Rename the field, table or keyspace. */
export class InvalidNameError extends Error {
  readonly code = 'invalid_name';
  readonly retriable = false;

  constructor(readonly identifier: string) {
    super(
      `${JSON.stringify(identifier)} cannot name a keyspace, table or column: lower-case letters, digits and _ only, ` +
        'a letter first, at most 48 characters. Rename it.',
    );
    this.name = 'InvalidNameError';
  }
}

/** The identifier as CQL wants it. Throws InvalidNameError. */
export function identifier(name: string): string {
  if (!NAME.test(name)) throw new InvalidNameError(name);
  return RESERVED.has(name) ? `"${name}"` : name;
}

/** A column of a table that somebody else may have made: with capital letters it stands in quotes. Throws InvalidNameError. */
export const columnIdentifier = (name: string): string => (MIXED_CASE.test(name) ? `"${name}"` : identifier(name));

/** The table of a stream: in its own keyspace, or in that of all tables. */
export const tableOf = (definition: { readonly keyspace?: string; readonly table: string }, keyspace: string): string =>
  qualified(definition.keyspace ?? keyspace, definition.table);

/** Statements never depend on a current keyspace: a session that changes it would prepare them again without end. */
export const qualified = (keyspace: string, table: string): string => `${identifier(keyspace)}.${identifier(table)}`;
