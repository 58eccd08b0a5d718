import { ValidationPipe } from '@nestjs/common';
import { ProblemError, type ProblemItem } from '@orderstream/contracts';
import type { ValidationError } from 'class-validator';

/** Queries are checked against their DTO; an unknown parameter is as wrong as a bad one. */
export const queryValidation = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) => {
      const items = errors.map((error) => problemItemOf(error, 'parameter'));
      return new ProblemError('bad_parameter', items.map((item) => item.detail).join('; '), { errors: items });
    },
  });

/** What is wrong with one parameter of a query, or one field of a body. */
export function problemItemOf<K extends 'parameter' | 'field'>(
  error: ValidationError,
  kind: K,
): ProblemItem & Record<K, string> {
  // The last one is the type: a word where a number belongs is not "greater than 50000".
  const [rule, message] = Object.entries(error.constraints ?? {}).at(-1) ?? ['invalid', `${error.property} is wrong`];
  const detail = rule === 'whitelistValidation' ? `there is no ${kind} ${error.property} here` : message;
  return { [kind]: error.property, detail } as ProblemItem & Record<K, string>;
}
