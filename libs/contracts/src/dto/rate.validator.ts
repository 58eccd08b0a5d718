import { registerDecorator } from 'class-validator';
import { parseRate } from '../rate.js';

/** Records per second, or a ramp `from..to`, each between two bounds. */
export function IsRate({ min, max }: { min: number; max: number }): PropertyDecorator {
  return (target, propertyName) => {
    const name = String(propertyName);
    registerDecorator({
      name: 'isRate',
      target: target.constructor,
      propertyName: name,
      options: {
        message: `${name} is a number of records per second from ${min} to ${max}, like ${name}=50, or a ramp, like ${name}=50..500`,
      },
      validator: {
        validate: (value: unknown) => {
          const rate = typeof value === 'string' ? parseRate(value) : undefined;
          return rate !== undefined && [rate.from, rate.to].every((each) => each >= min && each <= max);
        },
      },
    });
  };
}
