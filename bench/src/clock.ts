/** µs of the monotonic clock, the same in all processes of a machine and in the profiles of V8. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 1000n);
