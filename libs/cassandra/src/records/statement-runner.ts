import type { CassandraSession } from '../session/cassandra-session.js';
import type { Statement } from './statement.js';

/** Sends writes. Which of them go together is the caller's choice; see `ReplicaSets` and `Statement.sizeBytes`. */
export class StatementRunner {
  constructor(private readonly session: CassandraSession) {}

  /**
   * Resolves when every statement is acknowledged, with the consistency of the first, as they are of one table; one alone is
   * executed, several go as one unlogged batch. Rejects with the driver's error for `classify`; some may have been applied
   * then, which upserts with a write time bear.
   */
  async executeBatch(statements: readonly Statement[]): Promise<void> {
    const [first] = statements;
    if (!first) return;
    if (statements.length > 1) return this.session.batch(statements);
    await this.session.execute(first.query, first.params, { consistency: first.consistency, again: false });
  }
}
