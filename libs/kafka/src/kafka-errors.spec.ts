import kafkajs from 'kafkajs';
// @ts-expect-error -- this file of kafkajs has no types
import allErrors from 'kafkajs/src/errors.js';
// @ts-expect-error -- neither has this one
import protocolErrors from 'kafkajs/src/protocol/error.js';
import { failureOf } from './kafka-errors.js';
import {
  FINAL_CODE_BY_NAME,
  FINAL_TYPES,
  NETWORK_CODES,
  SELF_JUDGED,
  TRANSIENT_CODE_BY_NAME,
  TRANSIENT_TYPES,
  TYPED,
  WRAPPERS,
} from './kafka-failure-table.js';

interface ProtocolErrors {
  readonly errorCodes: readonly { readonly type: string; readonly code: number; readonly retriable: boolean }[];
  createErrorFromCode(code: number): Error & { readonly type: string };
}

/** Everything kafkajs can throw, of which it exports a part, and every answer of a broker that it knows. */
const libraryErrors = allErrors as Readonly<Record<string, unknown>>;
const protocol = protocolErrors as ProtocolErrors;

/** kafkajs's declarations leave the constructors' arguments out. */
const thrown = <T extends Error>(type: unknown, ...args: unknown[]): T =>
  new (type as new (...a: unknown[]) => T)(...args);

const protocolError = (type: string, retriable: boolean) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable }) as never);

describe('failureOf', () => {
  it('takes a broker that is away for retriable, also in the wrappers that kafkajs calls final', () => {
    const refused = thrown(kafkajs.KafkaJSConnectionError, 'connect ECONNREFUSED');
    const exceeded = thrown(kafkajs.KafkaJSNumberOfRetriesExceeded, refused, { retryCount: 5, retryTime: 1 });
    expect(failureOf(exceeded)).toEqual({ code: 'unreachable', retriable: true });
    expect(failureOf(thrown(kafkajs.KafkaJSNonRetriableError, exceeded, { cause: exceeded }))).toEqual({
      code: 'unreachable',
      retriable: true,
    });
    expect(failureOf(thrown(kafkajs.KafkaJSGroupCoordinatorNotFound, 'no coordinator')).retriable).toBe(true);
    expect(failureOf(Object.assign(new Error('x'), { code: 'ECONNRESET' })).retriable).toBe(true);
  });

  it("follows Kafka's own table for the broker's refusals", () => {
    expect(failureOf(protocolError('NOT_ENOUGH_REPLICAS', true))).toEqual({
      code: 'not_enough_replicas',
      retriable: true,
    });
    expect(failureOf(protocolError('MESSAGE_TOO_LARGE', false))).toEqual({
      code: 'message_too_large',
      retriable: false,
    });
    expect(failureOf(protocolError('REBALANCE_IN_PROGRESS', false)).retriable).toBe(true);
  });

  it('takes refused credentials, mistakes in the program and anything else thrown for final', () => {
    const sasl = thrown(kafkajs.KafkaJSSASLAuthenticationError, 'no');
    expect(failureOf(sasl)).toEqual({ code: 'authentication_failed', retriable: false });
    expect(failureOf(new TypeError('x'))).toEqual({ code: 'unknown', retriable: false });
    expect(failureOf('text').retriable).toBe(false);
    expect(failureOf(null).retriable).toBe(false);
  });

  it('ends with a cause that points back at itself', () => {
    const error = thrown(kafkajs.KafkaJSNonRetriableError, 'x');
    Object.assign(error, { cause: error });
    expect(failureOf(error).retriable).toBe(false);
  });
});

describe('the table of failures', () => {
  const byName = [TRANSIENT_CODE_BY_NAME, FINAL_CODE_BY_NAME, WRAPPERS, TYPED, SELF_JUDGED];

  it('has each error class that kafkajs exports in exactly one place, and no other', () => {
    const exported = Object.keys(libraryErrors).filter((name) => name.startsWith('KafkaJS'));
    expect(exported.length).toBeGreaterThan(25);
    expect(exported.filter((name) => byName.filter((table) => table.has(name)).length !== 1)).toEqual([]);
    const listed = byName.flatMap((table) => [...table.keys()]);
    expect(listed.filter((name) => !exported.includes(name))).toEqual([]);
  });

  it('has each error type of the brokers that kafkajs knows in exactly one place, and no other', () => {
    const types = [...protocol.errorCodes.map(({ type }) => type), protocol.createErrorFromCode(31_000).type];
    expect(types.length).toBeGreaterThan(80);
    expect(types.filter((type) => TRANSIENT_TYPES.has(type) === FINAL_TYPES.has(type))).toEqual([]);
    const listed = [...TRANSIENT_TYPES, ...FINAL_TYPES];
    expect(listed.filter((type) => !types.includes(type))).toEqual([]);
  });

  it('never calls final what kafkajs itself would try again', () => {
    const waiting = protocol.errorCodes.filter(({ retriable }) => retriable).map(({ type }) => type);
    expect(waiting.filter((type) => FINAL_TYPES.has(type))).toEqual([]);
  });

  it.each(protocol.errorCodes.map(({ type, code }) => [type, code] as const))(
    '%s is told by its type',
    (type, code) => {
      const failure = failureOf(protocol.createErrorFromCode(code));
      expect(failure).toEqual({ code: type.toLowerCase(), retriable: TRANSIENT_TYPES.has(type) });
    },
  );

  it.each([...TRANSIENT_CODE_BY_NAME].map(([name, code]) => [name, code]))('%s is transient: %s', (name, code) => {
    expect(failureOf(thrown(libraryErrors[name], 'x', {}))).toEqual({ code, retriable: true });
  });

  it.each([...FINAL_CODE_BY_NAME].map(([name, code]) => [name, code]))('%s is final: %s', (name, code) => {
    expect(failureOf(thrown(libraryErrors[name], 'x', {}))).toEqual({ code, retriable: false });
  });

  it.each([...TYPED])('%s is told by the type it carries', (name) => {
    const of = (type: string) => failureOf(thrown(libraryErrors[name], Object.assign(new Error(type), { type }), {}));
    expect(of('NOT_CONTROLLER')).toEqual({ code: 'not_controller', retriable: true });
    expect(of('POLICY_VIOLATION')).toEqual({ code: 'policy_violation', retriable: false });
  });

  it('tells an error about several things by the one that waiting cannot mend', () => {
    const several = (...types: string[]) =>
      failureOf(
        thrown(
          libraryErrors['KafkaJSAggregateError'],
          'several',
          types.map((type) => ({ type })),
        ),
      );
    expect(several('NOT_CONTROLLER', 'LEADER_NOT_AVAILABLE').retriable).toBe(true);
    expect(several('NOT_CONTROLLER', 'POLICY_VIOLATION')).toEqual({ code: 'policy_violation', retriable: false });
    const itself = thrown<Error & { errors: unknown[] }>(libraryErrors['KafkaJSAggregateError'], 'x', []);
    itself.errors.push(itself);
    expect(failureOf(itself)).toEqual({ code: 'unknown', retriable: false });
    const deleted = (retriable: boolean) =>
      failureOf(thrown(libraryErrors['KafkaJSDeleteTopicRecordsError'], { partitions: [{ error: { retriable } }] }));
    expect([deleted(true).retriable, deleted(false).retriable]).toEqual([true, false]);
  });

  it.each(['Closed connection', 'Connection error: read ECONNRESET', 'Request SaslAuthenticate(key: 36) timed out'])(
    'takes credentials that could not be shown for a broker that is away: %s',
    (message) => {
      const failed = (why: string) =>
        failureOf(thrown(kafkajs.KafkaJSSASLAuthenticationError, `SASL PLAIN authentication failed: ${why}`));
      expect(failed(message)).toEqual({ code: 'unreachable', retriable: true });
      expect(failed('Authentication failed: Invalid username or password').retriable).toBe(false);
    },
  );

  it.each([...NETWORK_CODES])('%s is a broker that is away', (code) => {
    expect(failureOf(Object.assign(new Error(code), { code }))).toEqual({ code: 'unreachable', retriable: true });
  });
});
