import { byOwner, selfTimes, type CpuProfile } from './self-times.ts';

const frame = (id: number, functionName: string, url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
});

const profile: CpuProfile = {
  nodes: [
    frame(1, '(idle)'),
    frame(2, 'encode', 'file:///x/node_modules/kafkajs/src/protocol/encoder.js'),
    frame(3, 'encode', 'file:///x/node_modules/kafkajs/src/protocol/encoder.js'),
    frame(4, '', 'file:///x/libs/streams/dist/stream.js'),
    frame(5, '(garbage collector)'),
    frame(6, 'parse', 'node:internal/url'),
  ],
  startTime: 1_000,
  //             1,001 1,002 1,012 1,017 1,018 1,020 1,023
  samples: [1, 2, 3, 4, 5, 6, 1],
  timeDeltas: [1, 1, 10, 5, 1, 2, 3],
};

describe('a profile says where the time of a window went', () => {
  it('gives each sample the time up to the next, without the idle ones', () => {
    const times = selfTimes(profile, { fromMicros: 0, toMicros: 2_000 });
    expect(times.map(({ what, share }) => [what, Number(share.toFixed(4))])).toEqual([
      ['encode src/protocol/encoder.js:10', 0.7143],
      ['parse node:internal/url:10', 0.1429],
      ['(garbage collector)', 0.0952],
      ['(anonymous) streams/dist/stream.js:10', 0.0476],
    ]);
  });

  it('leaves out what was before and after', () => {
    const [first, ...others] = selfTimes(profile, { fromMicros: 1_015, toMicros: 1_017 });
    expect(first).toMatchObject({ what: '(anonymous) streams/dist/stream.js:10', share: 1 });
    expect(others).toEqual([]);
  });

  it('sums by package, library and part of the runtime', () => {
    const owners = byOwner(selfTimes(profile, { fromMicros: 0, toMicros: 2_000 })).map(({ owner }) => owner);
    expect(owners).toEqual(['kafkajs', 'node', '(garbage collector)', 'libs/streams']);
  });
});
