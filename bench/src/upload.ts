import { createReadStream, statSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { once } from 'node:events';
import type { JobView } from '@orderstream/contracts';

export interface Upload {
  readonly job: JobView;
  /** from the first byte out to the last byte of the answer */
  readonly ms: number;
}

/** Posts a CSV file. Throws unless every one of its `rows` was accepted. */
export async function upload(url: string, file: string, rows: number): Promise<Upload> {
  const begin = performance.now();
  const headers = { 'content-type': 'text/csv', 'content-length': statSync(file).size };
  const sent = request(url, { method: 'POST', headers });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, pipeline(createReadStream(file), sent)]);
  const body = await text(answer);
  const ms = performance.now() - begin;
  const job = JSON.parse(body) as JobView;
  if (answer.statusCode! >= 300 || job.counts.accepted !== rows) {
    throw new Error(
      `POST ${url} answered ${answer.statusCode} instead of ${rows} accepted rows: ${body.slice(0, 500)}`,
    );
  }
  return { job, ms };
}
