import { ValidationPipe, type Type } from '@nestjs/common';
import { ProblemError } from '@orderstream/contracts';
import { problemItemOf } from '../problems/validation.js';

const MAX_BYTES = 1024 * 1024;

/** A request whose body is one JSON object that says what to do. */
export interface JsonRequest {
  readonly body: AsyncIterable<Buffer>;
  readonly contentType: string | undefined;
}

/**
 * The body, checked against its DTO; an unknown field is as wrong as a bad one. Throws `unsupported_media_type`,
 * `body_too_large` (above 1 MiB), `bad_json` and `bad_body`.
 */
export async function readJsonBody<T extends object>({ body, contentType }: JsonRequest, dto: Type<T>): Promise<T> {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? ''))
    throw new ProblemError('unsupported_media_type', 'the body is one JSON object; send it as application/json');
  const value = parsed(await textOf(body));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProblemError('bad_body', 'the body is not a JSON object');
  return (await VALIDATION.transform(value, { type: 'body', metatype: dto })) as T;
}

const VALIDATION = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  exceptionFactory: (errors) => {
    const items = errors.map((error) => problemItemOf(error, 'field'));
    return new ProblemError('bad_body', items.map(({ detail }) => detail).join('; '), { errors: items });
  },
});

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES)
      throw new ProblemError('body_too_large', `the body has more than the ${MAX_BYTES} bytes that are allowed here`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemError('bad_json', `the body is not JSON: ${(error as Error).message}`);
  }
}
