import { headerText, jobOf, rowOf, writeTimeOf } from './record-headers.js';

describe('header accessors', () => {
  const headers = { 'os-job': Buffer.from('j'), 'os-row': Buffer.from('7'), 'os-write-time': Buffer.from('1700') };

  it('read job, row and write time as text', () => {
    expect([jobOf({ headers }), rowOf({ headers }), writeTimeOf({ headers })]).toEqual(['j', '7', '1700']);
  });

  it('answer undefined for a record without headers, without that header or with an empty list', () => {
    expect(jobOf({})).toBeUndefined();
    expect(jobOf({ headers: {} })).toBeUndefined();
    expect(jobOf({ headers: { 'os-job': [] } })).toBeUndefined();
    expect(jobOf({ headers: { 'os-job': null } })).toBeUndefined();
  });

  it('take the last value of a repeated header', () => {
    expect(headerText({ headers: { x: [Buffer.from('a'), Buffer.from('ü')] } }, 'x')).toBe('ü');
  });
});
