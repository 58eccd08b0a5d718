import { Buffer, isUtf8 } from 'node:buffer';
import type { DeadLetterRepository, StoredDeadLetter } from '@orderstream/cassandra';
import { HEADER, type RowFault } from '@orderstream/contracts';
import type { OutMessage } from '@orderstream/kafka';
import type { SchemaCatalog } from '@orderstream/schemas';
import {
  decodeValue,
  RowFaults,
  type Decoded,
  type Row,
  rowTimeFault,
  schemaIdOf,
  type CompiledStream,
  type SchemaLookup,
} from '@orderstream/streams';
import { parseJson } from '../accept/json-record.js';
import { printableReason } from '../reject/stored-reject.js';
import type { Parking } from './parking.js';
import { openLettersIn, type RedriveRequest } from './redrive-plan.js';
import { redrivenRecord, Unfit } from './redriven-record.js';

/** Letters that are tried, and read at once. */
const SAMPLE = 100;
const AT_ONCE = 8;
const SCHEMA_DEADLINE_MS = 3_000;
const EXAMPLES = 3;
/** What is wrong with the headers; no patch mends it. */
const HEADER_FAULTS: ReadonlySet<string> = new Set(['bad_header', 'write_time_in_future']);

/** Why letters of the sample would not be sent (`unfit`), be parked (`parked`), or be refused again. */
export interface TrialFailure {
  /** of `ROW_FAULTS`, or `unfit`, or `parked` */
  readonly code: string;
  readonly count: number;
  readonly examples: readonly { readonly id: string; readonly column: string | null; readonly reason: string }[];
}

/** What a redrive would do. What Cassandra itself says is known only when it is asked. */
export interface TrialReport {
  readonly dryRun: true;
  /** open letters of the selection */
  readonly letters: number;
  /** of these tried: passed + failed */
  readonly sample: number;
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly TrialFailure[];
}

/** Tries a redrive on a sample and moves nothing. */
export class RedriveTrial {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly schemas: SchemaCatalog,
    private readonly streamNamed: (name: string) => CompiledStream | undefined,
    private readonly parkingOf: () => Pick<Parking, 'reasonFor'>,
  ) {}

  /** Throws `bad_body`; rejects as Cassandra did. */
  async run({ selection, patch }: RedriveRequest): Promise<TrialReport> {
    const { letters } = await openLettersIn(selection, this.letters);
    const parking = this.parkingOf();
    const failureByCode = new Map<string, TrialFailure>();
    let [sample, failed] = [0, 0];
    for await (const letter of this.read(letters.slice(0, SAMPLE).map(({ id }) => id))) {
      sample++;
      const parked = await parking.reasonFor(letter, letter.attempt);
      const fault: TrialFault | undefined =
        parked === undefined ? await this.faultOf(letter, patch) : { code: 'parked', reason: parked };
      if (!fault) continue;
      failed++;
      const { count = 0, examples = [] } = failureByCode.get(fault.code) ?? {};
      const example = { id: letter.id, column: columnOf(fault), reason: printableReason(fault.reason) };
      const shown = examples.length < EXAMPLES ? [...examples, example] : examples;
      failureByCode.set(fault.code, { code: fault.code, count: count + 1, examples: shown });
    }
    const failures = [...failureByCode.values()];
    return { dryRun: true, letters: letters.length, sample, passed: sample - failed, failed, failures };
  }

  private async *read(ids: readonly string[]): AsyncGenerator<StoredDeadLetter> {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const found = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => this.letters.find(id)));
      for (const letter of found) if (letter) yield letter;
    }
  }

  private async faultOf(letter: StoredDeadLetter, patch: RedriveRequest['patch']): Promise<TrialFault | undefined> {
    const value = letter.value && Buffer.from(letter.value);
    const { schemas, readable } = await this.schemas.resolve([{ value }], SCHEMA_DEADLINE_MS);
    if (readable === 0) return { code: 'unfit', reason: 'the schema registry does not say what the value is' };
    const record = redrivenRecord(letter, { attempt: letter.attempt + 1, patch, schemas });
    if (record instanceof Unfit) return { code: 'unfit', reason: record.why };
    if (HEADER_FAULTS.has(letter.code)) return { code: letter.code, reason: letter.reason };
    const stream = this.streamNamed(letter.stream);
    return stream
      ? valueFault(stream, record, schemas)
      : { code: 'unfit', reason: `there is no stream ${letter.stream}` };
  }
}

const columnOf = ({ column }: TrialFault): string | null => column ?? null;

type TrialFault = Omit<RowFault, 'code'> & { readonly code: string };

/** As the sink reads a value. */
function valueFault(
  stream: CompiledStream,
  { value, headers }: OutMessage,
  schemas: SchemaLookup,
): TrialFault | undefined {
  if (value === null)
    return stream.takesTombstones
      ? undefined
      : { code: 'tombstone_not_supported', reason: 'a null value names no row' };
  const bytes = Buffer.from(value);
  const parsed = schemaIdOf(bytes) === undefined ? jsonIn(bytes) : decodeValue(bytes, schemas);
  if (parsed.kind === 'fault') return parsed.fault;
  const clears = String(headers?.[HEADER.blank] ?? '') === 'clear';
  const row = clears ? stream.readJsonClearing(parsed.value) : stream.readJson(parsed.value);
  if (row instanceof RowFaults) return row.faults[0];
  return stream.derive(row)?.faults[0] ?? timeFault(stream, row);
}

/** Of a row that is written at the time of a field: the record will have the time at which it is sent. */
const timeFault = ({ writeTimeOf, definition }: CompiledStream, row: Row): TrialFault | undefined =>
  writeTimeOf && rowTimeFault(writeTimeOf(row), definition.writeTimeFrom!, Date.now());

/** With the digits of its numbers as they came. */
function jsonIn(bytes: Buffer): Decoded {
  const parsed = isUtf8(bytes) ? parseJson(bytes.toString('utf8')) : NOT_TEXT;
  if (!(parsed instanceof RowFaults)) return { kind: 'value', value: parsed.value };
  return { kind: 'fault', fault: { code: 'undecodable', reason: parsed.faults[0].reason } };
}

const NOT_TEXT = new RowFaults([{ code: 'undecodable', reason: 'the value is not UTF-8' }]);
