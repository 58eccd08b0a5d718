/**
 * What `created_users` must hold after a set of records, whatever their order: the promise written down a second time.
 * Per cell the greatest write time wins; a deletion takes every cell that is not newer than itself; of equal times
 * Cassandra prefers the cleared cell, then the greater bytes.
 */
import { HEADER } from '@orderstream/contracts';
import { writeTimeOf, type TopicRecord } from '@orderstream/testing';

export const FIELDS = ['first_name', 'last_name', 'email'] as const;
export const LINEAGE = ['kafka_partition', 'kafka_offset', 'job_id', 'job_row'] as const;
export const COLUMNS = [...FIELDS, ...LINEAGE] as const;

/** Value and write time in µs, both as text, both null where the row has no such cell. */
export type CellView = readonly [value: string | null, writeTime: string | null];
/** Cells by column. */
export type RowView = Readonly<Record<string, CellView>>;

interface Cell {
  readonly at: bigint;
  /** null: cleared */
  readonly text: string | null;
  readonly bytes: Buffer;
}

interface User {
  deletedAt: bigint;
  readonly cellByColumn: Map<string, Cell>;
}

const NO_JOB = '00000000-0000-0000-0000-000000000000';

/** The users that exist after these records, by id. */
export function expectedUsers(records: readonly TopicRecord[]): Map<string, RowView> {
  const users = new Map<string, User>();
  for (const record of records) {
    const value =
      record.value === null ? undefined : (JSON.parse(String(record.value)) as Record<string, string | null>);
    const id = value ? value['id']! : String(record.key);
    const user = users.get(id) ?? { deletedAt: -1n, cellByColumn: new Map<string, Cell>() };
    users.set(id, user);
    const at = writeTimeOf(record);
    if (!value) user.deletedAt = at > user.deletedAt ? at : user.deletedAt;
    else for (const [column, cell] of cellsOf(record, value, at)) settle(user.cellByColumn, column, cell);
  }
  const rows = [...users].map(([id, user]): [string, RowView | undefined] => [id, rowOf(user)]);
  return new Map(rows.filter((row): row is [string, RowView] => row[1] !== undefined));
}

function cellsOf(
  { headers, partition, offset }: TopicRecord,
  value: Readonly<Record<string, string | null>>,
  at: bigint,
): [string, Cell][] {
  const clears = String(headers[HEADER.blank]) === 'clear';
  const given = FIELDS.filter((field) => (value[field] ?? null) !== null || (clears && value[field] === null));
  const fields = given.map((field): [string, Cell] => {
    const text = value[field] ?? null;
    return [field, { at, text, bytes: Buffer.from(text ?? '') }];
  });
  const job = headers[HEADER.job] === undefined ? NO_JOB : String(headers[HEADER.job]);
  const row = headers[HEADER.row] === undefined ? -1 : Number(String(headers[HEADER.row]));
  return [
    ...fields,
    ['kafka_partition', { at, text: String(partition), bytes: int32(partition) }],
    ['kafka_offset', { at, text: offset, bytes: int64(offset) }],
    ['job_id', { at, text: job, bytes: Buffer.from(job.replaceAll('-', ''), 'hex') }],
    ['job_row', { at, text: String(row), bytes: int32(row) }],
  ];
}

function settle(cells: Map<string, Cell>, column: string, cell: Cell): void {
  const known = cells.get(column);
  if (!known || wins(cell, known)) cells.set(column, cell);
}

function wins(cell: Cell, known: Cell): boolean {
  if (cell.at !== known.at) return cell.at > known.at;
  if ((cell.text === null) !== (known.text === null)) return cell.text === null;
  return Buffer.compare(cell.bytes, known.bytes) > 0;
}

/** Every update writes its lineage, so a row that is there has it. */
function rowOf({ deletedAt, cellByColumn }: User): RowView | undefined {
  const views = COLUMNS.map((column): [string, CellView] => {
    const cell = cellByColumn.get(column);
    const lives = cell !== undefined && cell.at > deletedAt && cell.text !== null;
    return [column, lives ? [cell.text, String(cell.at)] : [null, null]];
  });
  const row: RowView = Object.fromEntries(views);
  return row['kafka_offset']![0] === null ? undefined : row;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
