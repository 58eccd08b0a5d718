import cassandra from 'cassandra-driver';
import { askAgain } from './ask-again.js';

const responseError = (code: number): Error => new cassandra.errors.ResponseError(code, `server said ${code}`);

/** Fails with these, one after the other, and then answers how often it was asked. */
function failing(...errors: readonly Error[]): () => Promise<number> {
  let asked = 0;
  return async () => {
    const error = errors[asked++];
    if (error) throw error;
    return asked;
  };
}

describe('a statement that a dying replica had its part of', () => {
  it.each([
    ['read time-out', 0x1200],
    ['read failure', 0x1300],
    ['write time-out', 0x1100],
    ['write failure', 0x1500],
  ])('is asked again after a %s, three times in all', async (_name, code) => {
    const error = responseError(code);
    await expect(askAgain(failing(error))).resolves.toBe(2);
    await expect(askAgain(failing(error, error))).resolves.toBe(3);
    await expect(askAgain(failing(error, error, error))).rejects.toBe(error);
  });

  it('is asked again once after everybody was asked in vain', async () => {
    const late = new cassandra.errors.OperationTimedOutError('late', '127.0.0.1:9042');
    const everywhere = new cassandra.errors.NoHostAvailableError({ a: late, b: new Error('Connection closed') });
    for (const error of [late, everywhere]) {
      await expect(askAgain(failing(error))).resolves.toBe(2);
      await expect(askAgain(failing(error, error))).rejects.toBe(error);
    }
  });

  it.each([
    ['what is wrong with the statement', 0x2200],
    ['too few replicas, which the driver has asked for twice already', 0x1000],
  ])('is not asked again after %s', async (_name, code) => {
    const error = responseError(code);
    await expect(askAgain(failing(error))).rejects.toBe(error);
  });

  it('keeps nobody waiting for longer than one more time-out', async () => {
    const [error, times] = [responseError(0x1200), [0, 5_000, 10_000]];
    const nowMs = (): number => times.shift()!;
    await expect(askAgain(failing(error, error), nowMs)).rejects.toBe(error);
  });
});
