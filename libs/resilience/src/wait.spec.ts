import { getEventListeners } from 'node:events';
import { orAborted } from './wait.js';

describe('orAborted', () => {
  it('gives the outcome of the work and leaves nothing behind on a signal that lives on', async () => {
    const { signal } = new AbortController();
    for (let n = 0; n < 100; n++) expect(await orAborted(Promise.resolve(n), signal)).toBe(n);
    await expect(orAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of the signal as soon as it aborts, and at once when it has', async () => {
    const stop = new AbortController();
    const never = new Promise<never>(() => undefined);
    const waiting = orAborted(never, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(orAborted(never, stop.signal)).rejects.toThrow('stopped');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
