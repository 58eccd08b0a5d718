import { jest } from '@jest/globals';
import { collect, collectUntilFailure, chunksOf } from './chunks.fixture.js';
import { paced } from './paced-body.js';

/** 100 bytes per second, judged every second. */
const PACE = { minUploadRate: 100, uploadRateWindowMs: 1_000 };

/** A body of which each chunk is handed over by hand. */
function byHand() {
  const ready: ((bytes: number) => void)[] = [];
  let returned = false;
  const body: AsyncIterableIterator<Buffer> = {
    [Symbol.asyncIterator]: () => body,
    next: () =>
      new Promise((resolve) => ready.push((bytes) => resolve({ done: false, value: Buffer.alloc(bytes, 'x') }))),
    return: () => {
      returned = true;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { body, give: (bytes: number) => ready.shift()!(bytes), wasReturned: () => returned };
}

describe('paced', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('hands on every chunk of a body that comes as fast as it is read', async () => {
    expect(Buffer.concat(await collect(paced(chunksOf('abcdef', 1), PACE))).toString()).toBe('abcdef');
  });

  it('refuses a sender that falls silent, and leaves the body as it is', async () => {
    const { body, give, wasReturned } = byHand();
    const reading = collectUntilFailure(paced(body, PACE));
    await jest.advanceTimersByTimeAsync(900);
    give(99);
    await jest.advanceTimersByTimeAsync(99);
    await jest.advanceTimersByTimeAsync(1);
    const { collected, failure } = await reading;
    expect(collected).toHaveLength(1);
    expect(failure).toMatchObject({ code: 'upload_too_slow', status: 408 });
    expect(wasReturned()).toBe(false);
  });

  it('judges each window by itself: a fast beginning pays for nothing later', async () => {
    const { body, give } = byHand();
    const reading = collectUntilFailure(paced(body, PACE));
    await jest.advanceTimersByTimeAsync(1);
    give(10_000);
    await jest.advanceTimersByTimeAsync(1_998);
    let ended = false;
    void reading.then(() => (ended = true));
    await jest.advanceTimersByTimeAsync(0);
    expect(ended).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect((await reading).failure).toMatchObject({ code: 'upload_too_slow' });
  });

  it('goes on with a sender at the least rate', async () => {
    const { body, give } = byHand();
    const chunks = paced(body, PACE);
    for (let i = 0; i < 50; i++) {
      const next = chunks.next();
      await jest.advanceTimersByTimeAsync(190);
      give(20);
      expect((await next).value).toHaveLength(20);
    }
  });

  it('does not count the time in which nobody waits for a chunk', async () => {
    const { body, give } = byHand();
    const chunks = paced(body, PACE);
    for (let i = 0; i < 3; i++) {
      const next = chunks.next();
      await jest.advanceTimersByTimeAsync(300);
      give(1);
      expect((await next).value).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(3_600_000); // held back by flow control
    }
    const slow = chunks.next();
    const refused = expect(slow).rejects.toMatchObject({ code: 'upload_too_slow' });
    await jest.advanceTimersByTimeAsync(100);
    await refused;
  });

  it('takes all the time there is when no rate is asked for', async () => {
    const { body, give } = byHand();
    const next = paced(body, { ...PACE, minUploadRate: 0 }).next();
    await jest.advanceTimersByTimeAsync(3_600_000);
    give(1);
    expect((await next).value).toHaveLength(1);
  });

  it('ends the body with the reader', async () => {
    const { body, give, wasReturned } = byHand();
    const chunks = paced(body, PACE);
    const next = chunks.next();
    await jest.advanceTimersByTimeAsync(0);
    give(5);
    await next;
    await chunks.return();
    expect(wasReturned()).toBe(true);
  });
});
