import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ProblemCode, RowFaultCode } from '@orderstream/contracts';
import { numberedOrder, ORDER_HEADER, orderLine, ordersCsv } from '@orderstream/testing';

/** What may be decoded of one body, in the API of this test. */
export const MAX_DECODED_MIB = 4;
const MIB = 1024 * 1024;
const DEPTH = 100_000;
const [CSV, NDJSON, JSON_TYPE] = ['text/csv', 'application/x-ndjson', 'application/json'];
const BOUNDARY = 'the-boundary';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;
const GZIP = { 'content-encoding': 'gzip' };

export interface HostileBody {
  readonly is: string;
  readonly body: string | Buffer;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}
/** The request is answered with a problem; of the rows before the fault a job keeps true counts. */
export interface RefusedBody extends HostileBody {
  readonly status: number;
  readonly code: ProblemCode;
}
/** One row, the second of three, is rejected, or none is; its neighbours are stored. */
export interface BadRowBody extends HostileBody {
  readonly code: RowFaultCode | 'none';
  /** found in a warning of the job */
  readonly warning?: string;
}

const text = (bytes: number): string => randomBytes(bytes).toString('base64url').slice(0, bytes);
const namesUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i.toString(36)}`);
const arrays = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const objects = '{"a":'.repeat(DEPTH) + '1' + '}'.repeat(DEPTH);
const longRows = (count: number): string =>
  Array.from({ length: count }, (_, n) => orderLine(n, { customer_name: text(30_000) }, 'absolute')).join('\n');
const part = (n: number, body: string): string =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="f${n}"; filename="f${n}.csv"\r\ncontent-type: text/csv\r\n\r\n${body}\r\n`;
const badParts = (count: number): string => Array.from({ length: count }, (_, n) => part(n, 'x\n1\n')).join('');
const whole = gzipSync(ordersCsv(0, 5_000, 'truncated'));

export const REFUSED: readonly RefusedBody[] = (
  [
    ['gzip that is cut off', whole.subarray(0, whole.length / 2), CSV, 422, 'broken_gzip', GZIP],
    [
      'gzip of more than may be decoded',
      gzipSync(`${ORDER_HEADER}\n${longRows(200)}`),
      CSV,
      413,
      'body_too_large',
      GZIP,
    ],
    [
      'gzip that expands a thousand times',
      gzipSync(`${ORDER_HEADER}\n${`${'x'.repeat(60_000)}\n`.repeat(60)}`),
      CSV,
      422,
      'gzip_ratio_exceeded',
      GZIP,
    ],
    ['gzip of gzip', gzipSync(whole), CSV, 422, 'binary_content', GZIP],
    ['plain text called gzip', ordersCsv(0, 2), CSV, 422, 'broken_gzip', GZIP],
    ['one line without end', 'x'.repeat(3 * MIB), CSV, 422, 'no_header'],
    ['a header line of 1 MB', `${ORDER_HEADER},${'x'.repeat(MIB)}\n${orderLine(1)},1\n`, CSV, 422, 'no_header'],
    ['a header of 10,000 columns that nobody knows', `${namesUpTo(10_000).join()}\n`, CSV, 422, 'unknown_header'],
    ['a header of __proto__ and constructor', '__proto__,constructor,toString\n1,2,3\n', CSV, 422, 'unknown_header'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), CSV, 422, 'binary_content'],
    [
      'a picture with the type of JSON',
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
      JSON_TYPE,
      422,
      'binary_content',
    ],
    ['nothing but NUL', Buffer.alloc(10_000), CSV, 422, 'binary_content'],
    ['a charset that is not Unicode', ordersCsv(0, 2), `${CSV}; charset=iso-8859-1`, 415, 'unsupported_media_type'],
    ['an empty body', '', CSV, 422, 'no_header'],
    ['an empty body of lines', '', NDJSON, 422, 'no_header'],
    ['an empty body of JSON', '', JSON_TYPE, 400, 'bad_json'],
    ['only a byte order mark', '\ufeff', CSV, 422, 'no_header'],
    ['only a byte order mark, of JSON', '\ufeff', JSON_TYPE, 400, 'bad_json'],
    ['blank lines', '\r\n\n'.repeat(100_000), CSV, 422, 'no_header'],
    ['blank lines of JSON', ' \n'.repeat(100_000), NDJSON, 422, 'no_header'],
    ['one object 100,000 deep', objects, JSON_TYPE, 400, 'bad_json'],
    ['an object of arrays 100,000 deep', `{"order_id":${arrays}}`, JSON_TYPE, 400, 'bad_json'],
    ['arrays 100,000 deep that nobody closes', '['.repeat(DEPTH), JSON_TYPE, 422, 'broken_json'],
    ['objects 100,000 deep that nobody closes', '{"a":'.repeat(DEPTH), JSON_TYPE, 400, 'bad_json'],
    ['one array 100,000 deep', arrays, JSON_TYPE, 400, 'bad_json'],
    ['one object without an end', `{"order_id":"${'x'.repeat(2 * MIB)}`, JSON_TYPE, 413, 'body_too_large'],
    [
      'an object whose __proto__ has the fields',
      JSON.stringify({ a: numberedOrder(1) }).replace('"a"', '"__proto__"'),
      JSON_TYPE,
      422,
      'unknown_header',
    ],
    [
      'multipart without an end',
      part(0, ordersCsv(0, 2_000, 'endless')).slice(0, -2),
      MULTIPART,
      422,
      'broken_multipart',
    ],
    ['multipart without a boundary', part(0, ordersCsv(0, 2)), 'multipart/form-data', 422, 'broken_multipart'],
    [
      'multipart of more files than may be',
      `${badParts(1_001)}--${BOUNDARY}--\r\n`,
      MULTIPART,
      422,
      'broken_multipart',
    ],
    [
      'multipart with a header without an end',
      `--${BOUNDARY}\r\nx: ${'x'.repeat(2 * MIB)}`,
      MULTIPART,
      422,
      'broken_multipart',
    ],
  ] as const
).map(([is, body, type, status, code, headers]) => ({ is, body, type, status, code, ...(headers && { headers }) }));

export const THOUSAND_PARTS = `${badParts(999)}${part(999, ordersCsv(0, 5, 'last'))}--${BOUNDARY}--\r\n`;
export const THOUSAND_PARTS_TYPE = MULTIPART;

/** Sound, something, sound. */
const csv = (is: string, code: BadRowBody['code'], row: (prefix: string) => string | Buffer): BadRowBody => {
  const prefix = is.replaceAll(/\W/g, '-');
  const lines = [ORDER_HEADER, orderLine(0, {}, prefix), row(prefix), orderLine(2, {}, prefix)];
  return { is, code, type: CSV!, body: Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])) };
};
const cells = (of: Readonly<Record<string, string>>) => (prefix: string) => orderLine(1, of, prefix);
const byte = (value: number) => (prefix: string) => {
  const sound = Buffer.from(orderLine(1, { customer_name: '?' }, prefix));
  sound[sound.indexOf('?')] = value;
  return sound;
};

/** As lines and as an array: the fields of the second record as JSON text, or the whole record. */
const json = (is: string, code: BadRowBody['code'], row: string | Readonly<Record<string, string>>): BadRowBody[] =>
  [NDJSON!, JSON_TYPE!].map((type) => {
    const prefix = `${is.replaceAll(/\W/g, '-')}-${type === NDJSON ? 'line' : 'element'}`;
    const sound = (n: number) => JSON.stringify(numberedOrder(n, {}, prefix));
    const given = typeof row === 'string' ? row : `${sound(1).slice(0, -1)}${fieldsOf(row)}}`;
    const rows = [sound(0), given, sound(2)];
    const body = type === NDJSON ? rows.join('\n') : `[${rows.join()}]`;
    return { is: `${is}, as ${type}`, code, type, body };
  });
const fieldsOf = (row: Readonly<Record<string, string>>): string =>
  Object.entries(row)
    .map(([name, value]) => `,${JSON.stringify(name)}:${value}`)
    .join('');

const wide = namesUpTo(10_000);
export const BAD_ROWS: readonly BadRowBody[] = [
  csv('a field of more than 64 KiB', 'record_too_long', cells({ customer_name: 'x'.repeat(70_000) })),
  csv('a quoted field of 2 MiB', 'record_too_long', cells({ customer_name: `"${'x'.repeat(2 * MIB)}"` })),
  csv('a NUL', 'nul_byte', byte(0)),
  csv('Latin-1', 'invalid_utf8', byte(0xe9)),
  csv('a quantity beyond 2^53', 'bad_int', cells({ quantity: '9007199254740993' })),
  csv('a price of 400 digits', 'bad_decimal', cells({ price: '9'.repeat(400) })),
  csv('a price of 400 decimals', 'bad_decimal', cells({ price: `1.${'3'.repeat(400)}` })),
  csv('a timestamp beyond all years', 'bad_timestamp', cells({ timestamp: '9'.repeat(400) })),
  ...json('a quantity beyond 2^53', 'bad_int', { quantity: '9007199254740993' }),
  ...json('a quantity beyond all numbers', 'bad_int', { quantity: '1e400' }),
  ...json('a price beyond 2^53', 'bad_decimal', { price: '9007199254740993' }),
  ...json('a price of 400 digits', 'bad_decimal', { price: '9'.repeat(400) }),
  ...json('a price of 400 decimals as text', 'bad_decimal', { price: `"1.${'3'.repeat(400)}"` }),
  ...json('a price of 400 decimals', 'bad_decimal', { price: `1.${'3'.repeat(400)}` }),
  ...json('objects 100,000 deep', 'bad_json', objects),
  ...json('arrays 100,000 deep', 'bad_json', arrays),
  ...json('a field 100,000 deep', 'bad_json', { deep: arrays }),
  ...json('a NUL', 'nul_byte', { x: '"\0"' }),
  ...json('a __proto__ with the fields', 'missing_value', `{"__proto__":${JSON.stringify(numberedOrder(1))}}`),
  ...json('a __proto__ beside the fields', 'none', { ['__proto__']: '{"quantity":"polluted"}' }).map((each) => ({
    ...each,
    warning: 'field __proto__ is ignored',
  })),
  ...json('a constructor beside the fields', 'none', { constructor: '{"prototype":{"polluted":1}}' }).map((each) => ({
    ...each,
    warning: 'field constructor is ignored',
  })),
  {
    is: 'columns __proto__ and constructor',
    type: CSV!,
    code: 'none',
    warning: 'column __proto__ is ignored',
    body: [`${ORDER_HEADER},__proto__,constructor`, ...[0, 1, 2].map((n) => `${orderLine(n, {}, 'proto')},a,b`)].join(
      '\n',
    ),
  },
  {
    is: 'a header of 10,000 columns more',
    type: CSV!,
    code: 'none',
    warning: 'columns are ignored',
    body: [
      `${ORDER_HEADER},${wide.join()}`,
      ...[0, 1, 2].map((n) => orderLine(n, {}, 'wide') + ','.repeat(wide.length)),
    ].join('\n'),
  },
  {
    is: 'a last line without end',
    type: CSV!,
    code: 'record_too_long',
    body: `${ordersCsv(0, 2, 'unended')}${'x'.repeat(3 * MIB)}`,
  },
];
