import { jest } from '@jest/globals';
import { createKafka, silenceTimeoutNegativeWarning, type KafkaLog } from './kafka-client.js';

describe('createKafka', () => {
  it('refuses an empty broker list', () => {
    expect(() => createKafka({ brokers: [], clientId: 'x' })).toThrow(RangeError);
  });

  it('hands the log of kafkajs on, with its namespace, from the level that was asked for', () => {
    const log = jest.fn<KafkaLog>();
    const logger = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'x', log, logLevel: 'warn' }).logger();
    logger.info('not this');
    logger.warn('this', { retryCount: 2 });
    expect(log.mock.calls).toEqual([['warn', 'this', { namespace: undefined, retryCount: 2 }]]);
  });
});

describe('silenceTimeoutNegativeWarning', () => {
  it('drops that one warning, however it is given, and prints all others', () => {
    const print = jest.fn();
    const emitter = { emitWarning: print as unknown as typeof process.emitWarning };
    silenceTimeoutNegativeWarning(emitter);
    emitter.emitWarning('-5 is a negative number.', 'TimeoutNegativeWarning');
    emitter.emitWarning('-5 is a negative number.', { type: 'TimeoutNegativeWarning' });
    emitter.emitWarning(Object.assign(new Error('x'), { name: 'TimeoutNegativeWarning' }));
    expect(print).not.toHaveBeenCalled();
    emitter.emitWarning('old', 'DeprecationWarning', 'DEP0001');
    expect(print.mock.calls).toEqual([['old', 'DeprecationWarning', 'DEP0001']]);
  });
});
