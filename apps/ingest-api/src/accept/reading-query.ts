import { ProblemError } from '@orderstream/contracts';
import type { IngestQuery } from '@orderstream/contracts/dto';
import { optionFaults, type ReadingOptions } from '@orderstream/streams';

/**
 * How the query wants the cells to be read; undefined when it says nothing about it. Throws `bad_parameter` with what
 * is wrong with each.
 */
export function readingOptionsOf(query: IngestQuery): ReadingOptions | undefined {
  const { timestampFormat, timeZone, decimalComma } = query;
  const nullValues = query.nullValues?.split(',').map((text) => text.trim());
  const options: ReadingOptions = {
    ...(timestampFormat !== undefined && { timestampFormat }),
    ...(timeZone !== undefined && { timeZone }),
    ...(decimalComma && { decimalComma }),
    ...(nullValues && { nullValues: nullValues.filter((text) => text !== '') }),
    ...(query.blank === 'clear' && { blank: query.blank }),
  };
  const errors = optionFaults(options).map(({ option, fault }) => ({
    parameter: option,
    detail: `${option}: ${fault}`,
  }));
  if (errors.length > 0)
    throw new ProblemError('bad_parameter', errors.map(({ detail }) => detail).join('; '), { errors });
  return Object.keys(options).length === 0 ? undefined : options;
}
