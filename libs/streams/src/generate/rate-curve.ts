/** A rate that goes from one value to another in a straight line, and then stays there. */
export interface Ramp {
  /** records per second, greater than 0 */
  readonly from: number;
  /** records per second, greater than 0 */
  readonly to: number;
  /** how long the way takes, ms, greater than 0 */
  readonly durationMs: number;
}

/** records per second */
export type Rate = number | Ramp;

/** When which record of a run is due: the integral of its rate, and its inverse. Pure. */
export interface RateCurve {
  /** records due by `elapsedMs` after the start, with fractions; record i is due when this reaches i */
  recordsBy(elapsedMs: number): number;
  /** ms after the start at which record `index` is due, with fractions */
  msOf(index: number): number;
}

/** Throws RangeError for a rate that is not greater than 0. */
export function rateCurve(rate: Rate): RateCurve {
  if (typeof rate !== 'number') return rampCurve(rate);
  checkRate(rate);
  return {
    recordsBy: (elapsedMs) => (elapsedMs * rate) / 1000,
    msOf: (index) => (index * 1000) / rate,
  };
}

function rampCurve({ from, to, durationMs }: Ramp): RateCurve {
  checkRate(from);
  checkRate(to);
  if (!Number.isFinite(durationMs) || durationMs <= 0) {
    throw new RangeError(`durationMs of a ramp must be a number greater than 0, got ${durationMs}`);
  }
  const perMs = from / 1000;
  const slope = (to - from) / 1000 / durationMs;
  const onRamp = ((from + to) / 2000) * durationMs;
  return {
    recordsBy: (elapsedMs) =>
      elapsedMs < durationMs
        ? elapsedMs * (perMs + (slope * elapsedMs) / 2)
        : onRamp + ((elapsedMs - durationMs) * to) / 1000,
    // The root of the quadratic in the form that holds for a slope of 0 too, and loses no digits near it.
    msOf: (index) =>
      index < onRamp
        ? (2 * index) / (perMs + Math.sqrt(Math.max(0, perMs * perMs + 2 * slope * index)))
        : durationMs + ((index - onRamp) * 1000) / to,
  };
}

function checkRate(rate: number): void {
  if (!Number.isFinite(rate) || rate <= 0) {
    throw new RangeError(`ratePerSecond must be a number greater than 0, got ${rate}`);
  }
}
