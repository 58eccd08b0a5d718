import type { BoundStatement, CassandraSession, ResultRow } from '../session/cassandra-session.js';
import { numberIn, textIn } from '../values/result-values.js';
import { redriveStatements } from './redrive-statements.js';

/** Letters of one partition of the list, and of one write to it. */
const BUCKET = 1_000;
const LETTERS_PER_WRITE = 100;

export interface NewRedriveLetter {
  readonly id: string;
  /** the job the letter belongs to */
  readonly jobId?: string | undefined;
}

/** A letter that a redrive takes. */
export interface RedriveLetter extends NewRedriveLetter {
  /** its place in the list, from 0: the row of the redrive */
  readonly position: number;
  /** where its copy was acknowledged last, in its own topic and partition */
  readonly sentOffset?: string | undefined;
  /** the attempt that the copy bears */
  readonly sentAttempt?: number | undefined;
}

/** The redrive that was begun last. */
export interface LastRedrive {
  readonly id: string;
  /** text, the caller's: what it was asked to take */
  readonly selection: string;
}

/** What a redrive has to do, so that any process can go on with it. Every call rejects with the driver's error. */
export class RedriveRepository {
  private readonly statements: ReturnType<typeof redriveStatements>;

  constructor(private readonly session: CassandraSession) {
    this.statements = redriveStatements(session.keyspace);
  }

  async prepareAll(): Promise<void> {
    await this.session.prepare(Object.values(this.statements));
  }

  /** Undefined when there never was one. */
  async last(): Promise<LastRedrive | undefined> {
    const { rows } = await this.session.execute(this.statements.selectLast);
    return rows[0] && { id: String(rows[0]['redrive_id']), selection: textIn(rows[0], 'selection') ?? '' };
  }

  async setLast({ id, selection }: LastRedrive): Promise<void> {
    await this.session.execute(this.statements.setLast, [id, selection]);
  }

  /** Writes the whole list down, in its order. */
  async put(redriveId: string, letters: readonly NewRedriveLetter[]): Promise<void> {
    const { insert } = this.statements;
    await this.write(letters, ({ id, jobId }, position) => ({
      position,
      put: { query: insert, params: [redriveId, bucketOf(position), position, id, jobId] },
    }));
  }

  /** The list, in its order; `count` letters were put. */
  async letters(redriveId: string, count: number): Promise<RedriveLetter[]> {
    const letters: RedriveLetter[] = [];
    for (let bucket = 0; bucket * BUCKET < count; bucket++) {
      for await (const page of this.session.pages(this.statements.select, [redriveId, bucket])) {
        for (const row of page) letters.push(letterIn(row));
      }
    }
    return letters;
  }

  /** Notes where copies were acknowledged. */
  async noteSent(redriveId: string, sent: readonly RedriveLetter[]): Promise<void> {
    const { noteSent } = this.statements;
    await this.write(sent, ({ position, sentOffset, sentAttempt }) => ({
      position,
      put: { query: noteSent, params: [BigInt(sentOffset!), sentAttempt, redriveId, bucketOf(position), position] },
    }));
  }

  /** In writes of one partition each. */
  private async write<T>(
    items: readonly T[],
    putOf: (item: T, index: number) => { position: number; put: BoundStatement },
  ): Promise<void> {
    let open: BoundStatement[] = [];
    let openBucket = -1;
    for (const [index, item] of items.entries()) {
      const { position, put } = putOf(item, index);
      if (open.length >= LETTERS_PER_WRITE || bucketOf(position) !== openBucket) {
        if (open.length > 0) await this.session.batch(open);
        open = [];
        openBucket = bucketOf(position);
      }
      open.push(put);
    }
    if (open.length > 0) await this.session.batch(open);
  }
}

const bucketOf = (position: number): number => Math.floor(position / BUCKET);

const letterIn = (row: ResultRow): RedriveLetter => ({
  id: textIn(row, 'id') ?? '',
  jobId: textIn(row, 'job_id'),
  position: numberIn(row, 'position') ?? 0,
  sentOffset: textIn(row, 'sent_offset'),
  sentAttempt: numberIn(row, 'sent_attempt'),
});
