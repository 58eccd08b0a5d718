import kafkajs from 'kafkajs';
import { failureOf } from './kafka-errors.js';

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
