/** A CQL write time in µs as ISO 8601 UTC with six digits of the second, so that nothing of it is lost. */
export function isoMicros(micros: bigint): string {
  const toMillis = new Date(Number(micros / 1_000n)).toISOString().slice(0, -1);
  return `${toMillis}${String(micros % 1_000n).padStart(3, '0')}Z`;
}
