import { GenerateQuery } from '@orderstream/contracts/dto';
import { compileStream, ORDERS, USERS } from '@orderstream/streams';
import { generatorOf, planRun } from './plan-run.js';

const query = (of: Partial<GenerateQuery>): GenerateQuery => Object.assign(new GenerateQuery(), { rate: '50' }, of);
const plan = (of: Partial<GenerateQuery>) => planRun(compileStream(ORDERS), query(of));

describe('planRun', () => {
  it.each([
    [{}, 3000],
    [{ rate: '0.1', duration: '100ms' }, 1],
    [{ rate: '50..500' }, 16_500],
    [{ rate: '500..50', duration: '2s' }, 550],
    [{ rate: '50..500', count: 7 }, 7],
    [{ duration: 'forever' }, null],
  ])('of %j makes %s records', (of, count) => {
    expect(plan(of).options.count).toBe(count);
  });

  it('can be repeated from what it kept', () => {
    const { options, generator } = plan({ rate: '1..9', keys: 3, updates: 0.5, faults: 0.25 });
    const kept = JSON.parse(JSON.stringify(options)) as typeof options;
    const again = generatorOf(compileStream(ORDERS), kept);
    expect([again.runKey, kept.runKey]).toEqual([generator.runKey, generator.runKey]);
    expect(again.row(99)).toEqual(generator.row(99));
  });

  it('refuses a ramp without an end, and keys that the stream does not have', () => {
    expect(() => plan({ rate: '1..2', duration: 'forever' })).toThrow(/bad_parameter.*duration that ends/);
    expect(() => planRun(compileStream(USERS), query({ keys: 2 }))).toThrow(/bad_parameter.*leave keys out/);
  });
});
