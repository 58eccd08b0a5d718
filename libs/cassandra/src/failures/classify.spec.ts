import cassandra from 'cassandra-driver';
// @ts-expect-error -- this file of the driver has no types
import DriverEncoder from 'cassandra-driver/lib/encoder.js';
import { ENCODERS, UnbindableValueError } from '../values/encode.js';
import { SessionNotConnectedError } from '../session/session-errors.js';
import { classify } from './classify.js';
import { FAILURE_BY_ERROR_NAME, FAILURE_BY_RESPONSE_CODE, SOCKET_CODES } from './failure-table.js';

const { errors, types } = cassandra;
const response = (code: number, message = 'as the server says') => new errors.ResponseError(code, message);
const named = (name: string, message = '') => Object.assign(new Error(message), { name });
const noHost = (inner: Record<string, unknown>) =>
  new errors.NoHostAvailableError(inner as never, 'All host(s) tried for query failed.');

describe('what a failed write calls for', () => {
  it.each([
    ['serverError', 'unknown'],
    ['protocolError', 'unknown'],
    ['badCredentials', 'unknown'],
    ['unavailableException', 'transient'],
    ['overloaded', 'transient'],
    ['isBootstrapping', 'transient'],
    ['truncateError', 'transient'],
    ['writeTimeout', 'transient'],
    ['readTimeout', 'transient'],
    ['readFailure', 'unknown'],
    ['functionFailure', 'unknown'],
    ['writeFailure', 'unknown'],
    ['syntaxError', 'unknown'],
    ['unauthorized', 'unknown'],
    ['invalid', 'permanent'],
    ['configError', 'unknown'],
    ['alreadyExists', 'unknown'],
    ['unprepared', 'transient'],
    ['clientWriteFailure', 'unknown'],
  ] as const)('%s is %s', (name, expected) => {
    expect(classify(response(types.responseErrorCodes[name])).class).toBe(expected);
  });

  it('knows every code the driver knows, each by a name of its own', () => {
    const codes = Object.values(types.responseErrorCodes).filter((code): code is number => typeof code === 'number');
    expect(codes.filter((code) => !FAILURE_BY_RESPONSE_CODE.has(code))).toEqual([]);
    const names = [...FAILURE_BY_RESPONSE_CODE.values()].map((failure) => failure.code);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['Batch too large', 'permanent', 'batch_too_large'],
    ['table orders does not exist', 'unknown', 'schema_missing'],
    ['keyspace orderstream does not exist', 'unknown', 'schema_missing'],
    ["Keyspace 'orderstream' doesn't exist", 'unknown', 'schema_missing'],
    ['unconfigured table orders', 'unknown', 'schema_missing'],
    ['Undefined column name price in table orderstream.orders', 'unknown', 'schema_missing'],
    ['Write request failed because disk usage exceeds failure threshold in node', 'transient', 'disk_full'],
    ['Provided value [ANY] is not allowed for write consistency levels', 'unknown', 'consistency_refused'],
    ['Key may not be empty', 'permanent', 'invalid'],
    ['Key length of 70000 is longer than maximum of 65535', 'permanent', 'invalid'],
    ['Invalid unset value for column order_id', 'permanent', 'invalid'],
    ['Request is too big: length 20971585 exceeds maximum allowed length 16777216.', 'permanent', 'invalid'],
  ])('an invalid request that says "%s" is %s', (message, failureClass, code) => {
    expect(classify(response(types.responseErrorCodes.invalid, message))).toEqual({
      class: failureClass,
      code,
      message,
    });
  });

  it.each([
    ['of this library: unbindable', new UnbindableValueError('decimal', 'x'), 'permanent', 'unbindable_value'],
    ['of this library: not connected', new SessionNotConnectedError(), 'transient', 'not_connected'],
    ['client time-out', new errors.OperationTimedOutError('late'), 'transient', 'client_timeout'],
    ['busy', new errors.BusyConnectionError('h', 2048, 1), 'transient', 'busy_connection'],
    ['password', new errors.AuthenticationError('no'), 'unknown', 'authentication_failed'],
    ['argument', new errors.ArgumentError('no'), 'unknown', 'driver_argument'],
    ['not supported', new errors.NotSupportedError('no'), 'unknown', 'not_supported'],
    ['driver internal', new errors.DriverInternalError('no'), 'unknown', 'driver_internal'],
    ['flagged socket error', Object.assign(new Error('x'), { isSocketError: true }), 'transient', 'disconnected'],
    ['empty pool', new Error('No connection available'), 'transient', 'disconnected'],
    [
      'encoder: uuid',
      named('TypeError', 'Not a valid Uuid, expected Uuid/String/Buffer'),
      'permanent',
      'unbindable_value',
    ],
    ['encoder: bigint', named('SyntaxError', 'Cannot convert abc to a BigInt'), 'permanent', 'unbindable_value'],
    [
      'encoder: int',
      named('RangeError', 'The value of "value" is out of range. It must'),
      'permanent',
      'unbindable_value',
    ],
    ['a defect', named('TypeError', "Cannot read properties of undefined (reading 'x')"), 'unknown', 'unknown_error'],
    ['a string', 'boom', 'unknown', 'unknown_error'],
    ['nothing', undefined, 'unknown', 'unknown_error'],
    ['null', null, 'unknown', 'unknown_error'],
  ])('%s is classified', (_, error, failureClass, code) => {
    expect(classify(error)).toMatchObject({ class: failureClass, code });
  });

  it('covers every name and every socket code of the table', () => {
    for (const [name, failure] of FAILURE_BY_ERROR_NAME) expect(classify(named(name))).toMatchObject(failure);
    for (const code of SOCKET_CODES) {
      expect(classify(Object.assign(new Error(code), { code }))).toMatchObject({ class: 'transient' });
    }
  });
});

describe('every error that the driver exports', () => {
  /** Told by what they carry: the errors of the nodes, the code of the answer, the message. */
  const toldByContent = ['DriverError', 'NoHostAvailableError', 'ResponseError'];

  const driverError = (message: string): Error =>
    new (errors.DriverError as unknown as new (message: string) => Error)(message);

  it('has its class by name, or is told by what it carries', () => {
    const exported = Object.keys(errors);
    expect(exported.length).toBeGreaterThan(8);
    const missing = exported.filter((name) => !FAILURE_BY_ERROR_NAME.has(name) && !toldByContent.includes(name));
    expect(missing).toEqual([]);
  });

  it.each(Object.keys(errors).filter((name) => !toldByContent.includes(name)))('%s', (name) => {
    const { [name]: exported } = errors as unknown as Record<string, new (...args: unknown[]) => Error>;
    const made = name === 'BusyConnectionError' ? new exported!('h', 2048, 1) : new exported!('x');
    expect(classify(made)).toMatchObject(FAILURE_BY_ERROR_NAME.get(name)!);
  });

  it.each([
    'Socket was closed',
    'Connection timeout',
    'ControlConnection is being shutdown',
    'Connection closed',
    'The operation was already cancelled or timeout elapsed',
  ])('a DriverError that says "%s" is a connection that is gone', (message) => {
    expect(classify(driverError(message))).toMatchObject({ class: 'transient', code: 'disconnected' });
  });

  it('a DriverError that says anything else is unknown', () => {
    expect(classify(driverError('There was already state for this frame')).class).toBe('unknown');
  });
});

describe('values that cannot be encoded', () => {
  const text = { code: types.dataTypes.text };
  const shapeOf = new Map<string, unknown>([
    ['list', text],
    ['set', text],
    ['map', [text, text]],
  ]);
  /** Their encoders take anything that has the right methods, and nothing of ours is of these types. */
  const notOurs = ['custom', 'udt', 'tuple'];
  const typesOfDriver = Object.entries(types.dataTypes as unknown as Record<string, unknown>).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !notOurs.includes(entry[0]),
  );
  const encoder = new (
    DriverEncoder as new (
      version: number,
      options: object,
    ) => {
      encode(value: unknown, type: object): unknown;
    }
  )(4, { encoding: { useBigIntAsLong: true, useUndefinedAsUnset: true } });
  // Without symbols, bigints and NaN: JavaScript's own complaints about those could as well be of a defect.
  const WRONG = [{}, { a: null }, 'no such thing', 1e300, true, [null], new Date(NaN), ''];

  /** What the driver says to each of the wrong values that it does refuse. */
  function refusalsOf(name: string, code: number): unknown[] {
    return WRONG.flatMap((value) => {
      try {
        encoder.encode(value, { code, info: shapeOf.get(name) });
        return [];
      } catch (error) {
        return [error];
      }
    });
  }

  it.each(typesOfDriver.filter(([name]) => name !== 'boolean'))("the driver's %s", (name, code) => {
    const refusals = refusalsOf(name, code);
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) {
      expect({ refusal: String(refusal), ...classify(refusal) }).toMatchObject({
        class: 'permanent',
        code: 'unbindable_value',
      });
    }
  });

  it.each(Object.entries(ENCODERS))('our own %s', (type, encode) => {
    const encodes = (): Buffer => encode((type === 'text' || type === 'list' ? 7 : 'no such thing') as string);
    expect(encodes).toThrow(UnbindableValueError);
    expect(classify(new UnbindableValueError(type, 'x'))).toMatchObject({ class: 'permanent' });
  });
});

describe('no host available', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const invalid = response(types.responseErrorCodes.invalid, 'Key may not be empty');

  it('is transient when nobody was asked', () => {
    expect(classify(noHost({}))).toMatchObject({ class: 'transient', code: 'no_host' });
    expect(classify(new errors.NoHostAvailableError(null as never, 'shut'))).toMatchObject({ class: 'transient' });
  });

  it('takes the class of its hosts when they agree, and their code when they agree on that too', () => {
    expect(classify(noHost({ a: invalid, b: invalid }))).toMatchObject({ class: 'permanent', code: 'invalid' });
    expect(classify(noHost({ a: refused, b: 'Host considered as DOWN' }))).toMatchObject({ code: 'disconnected' });
    const overloaded = response(types.responseErrorCodes.overloaded);
    expect(classify(noHost({ a: refused, b: overloaded }))).toMatchObject({ class: 'transient', code: 'no_host' });
    expect(classify(noHost({ a: new errors.AuthenticationError('no') }))).toMatchObject({ class: 'unknown' });
  });

  it('is transient when its hosts disagree: the row is not to blame for the one that was down', () => {
    expect(classify(noHost({ a: invalid, b: refused }))).toMatchObject({ class: 'transient', code: 'no_host' });
  });
});
