import { Backends } from './backends.js';

describe('Backends', () => {
  it('calls a server away that has not answered twice in a row, and there as soon as it answers', async () => {
    let answers = true;
    const store = { ping: () => Promise.resolve(answers) };
    const broker = { describeBroker: () => (answers ? Promise.resolve() : Promise.reject(new Error('away'))) };
    const backends = new Backends(store, broker);
    backends.started = true;
    const seen = async (): Promise<readonly boolean[]> => {
      await backends.watch();
      backends.stopWatching();
      return [backends.storeUp(), backends.brokerUp()];
    };
    expect([backends.storeUp(), backends.brokerUp()]).toEqual([false, false]);
    expect(await seen()).toEqual([true, true]);
    answers = false;
    expect(await seen()).toEqual([true, true]); // one late answer is no outage
    expect(await seen()).toEqual([false, false]);
    expect(await seen()).toEqual([false, false]);
    answers = true;
    expect(await seen()).toEqual([true, true]);
  });

  it('calls a server that was never there away after one question', async () => {
    const backends = new Backends(
      { ping: () => Promise.resolve(false) },
      { describeBroker: () => Promise.reject(new Error('away')) },
    );
    backends.started = true;
    await backends.watch();
    backends.stopWatching();
    expect([backends.storeUp(), backends.brokerUp()]).toEqual([false, false]);
  });
});
