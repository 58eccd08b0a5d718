import { ProofQueue } from './proof-queue.js';

/** Proofs that end when the test says so, by the run they are of. */
function heldProofs() {
  const begun: string[] = [];
  const signalById = new Map<string, AbortSignal>();
  const endById = new Map<string, (answer: string) => void>();
  const of = (id: string) => (signal: AbortSignal) => {
    begun.push(id);
    signalById.set(id, signal);
    return new Promise<string>((resolve, reject) => {
      endById.set(id, resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  };
  return { begun, signalById, endById, of };
}

const STAYS = new AbortController().signal;
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

describe('ProofQueue', () => {
  it('runs one proof at a time, and one for all who ask for the same run', async () => {
    const { begun, endById, of } = heldProofs();
    const queue = new ProofQueue<string>();
    const answers = ['a', 'a', 'b'].map((id) => queue.run(id, of(id), STAYS));
    await turns();
    expect(begun).toEqual(['a']);
    endById.get('a')!('sound');
    expect(await Promise.all(answers.slice(0, 2))).toEqual(['sound', 'sound']);
    await turns();
    expect(begun).toEqual(['a', 'b']);
    endById.get('b')!('torn');
    expect(await answers[2]).toBe('torn');
    const again = queue.run('a', of('a'), STAYS);
    await turns();
    expect(begun).toEqual(['a', 'b', 'a']);
    endById.get('a')!('sound');
    await again;
  });

  it('ends a proof when the last one who waits for it goes away, and never begins one that nobody waits for', async () => {
    const { begun, signalById, endById, of } = heldProofs();
    const queue = new ProofQueue<string>();
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const gone = new Error('gone');
    const runs = [queue.run('a', of('a'), first.signal), queue.run('a', of('a'), second.signal)];
    const waiting = queue.run('b', of('b'), third.signal);
    const last = queue.run('c', of('c'), STAYS);
    await turns();
    third.abort(gone);
    await expect(waiting).rejects.toBe(gone);
    first.abort(gone);
    await expect(runs[0]).rejects.toBe(gone);
    expect(signalById.get('a')!.aborted).toBe(false);
    second.abort(gone);
    await expect(runs[1]).rejects.toBe(gone);
    expect(signalById.get('a')!.aborted).toBe(true);
    await turns();
    expect(begun).toEqual(['a', 'c']);
    endById.get('c')!('sound');
    expect(await last).toBe('sound');
  });

  it('refuses a fourth that would wait, and takes it once one has gone', async () => {
    const { endById, of } = heldProofs();
    const queue = new ProofQueue<string>();
    const leaving = new AbortController();
    const runs = ['a', 'b', 'c'].map((id) => queue.run(id, of(id), STAYS));
    const left = queue.run('d', of('d'), leaving.signal);
    const refused = { code: 'too_many_requests', extra: { retryAfterSeconds: 10 } };
    await expect(queue.run('e', of('e'), STAYS)).rejects.toMatchObject(refused);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    runs.push(queue.run('e', of('e'), STAYS));
    for (const id of ['a', 'b', 'c', 'e']) {
      await turns();
      endById.get(id)!(id);
    }
    expect(await Promise.all(runs)).toEqual(['a', 'b', 'c', 'e']);
  });

  it('ends everything when it is closed, and takes no more', async () => {
    const { begun, of } = heldProofs();
    const queue = new ProofQueue<string>();
    const answers = ['a', 'b'].map((id) => queue.run(id, of(id), STAYS).catch((error: unknown) => error));
    await turns();
    await queue.close();
    for (const answer of answers) expect(await answer).toMatchObject({ code: 'shutting_down' });
    await expect(queue.run('c', of('c'), STAYS)).rejects.toMatchObject({ code: 'shutting_down' });
    expect(begun).toEqual(['a']);
  });
});
