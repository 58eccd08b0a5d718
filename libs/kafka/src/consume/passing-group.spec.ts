import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import type { Consumer } from 'kafkajs';
import { onEnd, waitsForCoordinator } from './passing-group.js';

const ofType = (type: string, retriable = true) =>
  Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type, retriable });

describe('a group for one read', () => {
  // CI, 2026-11-22: the first group of a fresh broker. kafkajs gives its first JoinGroup up at once.
  it.each(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'])(
    'is joined again after %s, also inside a wrapper of kafkajs',
    (type) => {
      expect(waitsForCoordinator(ofType(type))).toBe(true);
      const wrapped = Object.assign(new Error('retried'), {
        name: 'KafkaJSNumberOfRetriesExceeded',
        cause: ofType(type),
      });
      expect(waitsForCoordinator(wrapped)).toBe(true);
    },
  );

  it('ends with every other error', () => {
    expect(waitsForCoordinator(ofType('GROUP_AUTHORIZATION_FAILED', false))).toBe(false);
    expect(waitsForCoordinator(ofType('LEADER_NOT_AVAILABLE'))).toBe(false);
    expect(waitsForCoordinator(new Error('closed'))).toBe(false);
  });

  it('tells of the crash that ends it, and not of one after which it joins again', () => {
    const consumer = Object.assign(new EventEmitter(), { events: { CRASH: 'consumer.crash' } });
    const listener = jest.fn();
    onEnd(consumer as unknown as Consumer, listener);
    consumer.emit('consumer.crash', { payload: { error: ofType('GROUP_LOAD_IN_PROGRESS'), restart: true } });
    expect(listener).not.toHaveBeenCalled();
    const error = new Error('over');
    consumer.emit('consumer.crash', { payload: { error, restart: false } });
    expect(listener).toHaveBeenCalledWith(error);
  });
});
