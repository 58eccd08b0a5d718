import { registerDecorator } from 'class-validator';
import { parseDurationMs } from '../duration.js';

/** A time in a query: a number with `ms|s|m|h`, bare = seconds, between two bounds in ms. */
export function IsDuration(options: { minMs: number; maxMs: number }): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'isDuration',
      target: target.constructor,
      propertyName: String(propertyName),
      options: {
        message: `${String(propertyName)} is a time from ${options.minMs}ms to ${options.maxMs}ms, like 500ms, 10s or 2m`,
      },
      validator: {
        validate: (value: unknown) => {
          const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
          return ms !== undefined && ms >= options.minMs && ms <= options.maxMs;
        },
      },
    });
  };
}
