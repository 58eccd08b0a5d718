import { isISO8601, registerDecorator } from 'class-validator';

/** A time in a query, ISO 8601 in a form that JavaScript can read: not a week (`2026-W10`), not without its hyphens. */
export function IsTime(): PropertyDecorator {
  return (target, propertyName) => {
    const name = String(propertyName);
    registerDecorator({
      name: 'isTime',
      target: target.constructor,
      propertyName: name,
      options: { message: `${name} is a time, ISO 8601, like 2026-01-31 or 2026-01-31T12:00:00Z` },
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && isISO8601(value, { strict: true }) && !Number.isNaN(Date.parse(value)),
      },
    });
  };
}
