import { PROBLEMS, problemType, type Problem, type ProblemCode } from '@orderstream/contracts';
import type { Socket } from 'node:net';

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_MS = 2_000;

const DETAIL: Readonly<Partial<Record<ProblemCode, string>>> = {
  header_too_large: 'the HTTP headers have more than the 16 KiB that are allowed; shorten the address or the headers',
  request_timeout: 'the HTTP headers did not come in time; send the request again',
};

/**
 * What is no HTTP request reaches no route; it too is answered with a problem. What its sender is still sending is
 * discarded, up to 8 MiB or 2 s, so that the answer is seen and not a reset.
 */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  // The parser says it again with every further piece.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  socket.end(answerOf(codeOf(error.code), error.message));
  const before = socket.bytesRead;
  const timer = setTimeout(() => socket.destroy(), MAX_MS);
  const look = setInterval(() => socket.bytesRead - before > MAX_BYTES && socket.destroy(), 100);
  socket.once('close', () => {
    clearTimeout(timer);
    clearInterval(look);
  });
}

function codeOf(code: string | undefined): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'header_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request';
}

function answerOf(code: ProblemCode, message: string): string {
  const { status, title } = PROBLEMS[code];
  const detail = DETAIL[code] ?? `this is not HTTP: ${message}`;
  const problem: Problem = { type: problemType(code), title, status, code, detail, instance: '/' };
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
