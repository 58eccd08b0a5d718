import { HEADER } from './headers.js';

/** Bytes, or what a client library has made of them; other producers can send a header without a value. */
export type HeaderValue = Buffer | string | null;

/** Headers of a Kafka record as a consumer gives them: an array where a name stands more than once. */
export type RecordHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>;

/** Whatever has the headers of a record. */
export interface WithHeaders {
  readonly headers?: RecordHeaders;
}

const isRepeated = (value: HeaderValue | readonly HeaderValue[] | undefined): value is readonly HeaderValue[] =>
  Array.isArray(value);

/** Of a header that stands more than once, the last one counts. */
export const headerValue = (value: HeaderValue | readonly HeaderValue[] | undefined): HeaderValue | undefined =>
  isRepeated(value) ? value.at(-1) : value;

/** A header's value as UTF-8 text; undefined when it is not there or has no value. */
export function headerText({ headers }: WithHeaders, name: string): string | undefined {
  const value = headerValue(headers?.[name]);
  return typeof value === 'string' ? value : value?.toString('utf8');
}

/** uuid of the job, unchecked */
export const jobOf = (record: WithHeaders): string | undefined => headerText(record, HEADER.job);

/** row of the job, unchecked decimal text */
export const rowOf = (record: WithHeaders): string | undefined => headerText(record, HEADER.row);

/** CQL write time in µs, unchecked decimal text */
export const writeTimeOf = (record: WithHeaders): string | undefined => headerText(record, HEADER.writeTime);
