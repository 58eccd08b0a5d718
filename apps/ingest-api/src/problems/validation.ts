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
      const items = errors.map(toItem);
      return new ProblemError('bad_parameter', items.map((item) => item.detail).join('; '), { errors: items });
    },
  });

function toItem(error: ValidationError): ProblemItem & { parameter: string } {
  // The last one is the type: a word where a number belongs is not "greater than 50000".
  const [rule, message] = Object.entries(error.constraints ?? {}).at(-1) ?? ['invalid', `${error.property} is wrong`];
  const detail = rule === 'whitelistValidation' ? `there is no parameter ${error.property} here` : message;
  return { parameter: error.property, detail };
}
