import { isUtf8 } from 'node:buffer';

/** What the record splitter is compared with: the whole data at once, each record scanned again from its first byte. */
export interface WholeSplit {
  records: { line: number; text: string }[];
  faults: { line: number; code: string; raw: string }[];
}

type State = 'start' | 'bare' | 'quoted' | 'after' | 'afterCr';
type Found = { end: number } | { code: 'broken_quote' | 'record_too_long' };

export function splitWhole(body: Buffer, options: { maxRecordBytes: number; delimiter: number }): WholeSplit {
  const data = body.length > 0 && body.at(-1) !== 10 ? Buffer.concat([body, Buffer.of(10)]) : body;
  const split: WholeSplit = { records: [], faults: [] };
  let line = 1;
  for (let start = 0; start < data.length;) {
    const found = recordFrom(data, start, options.maxRecordBytes, options.delimiter);
    const lineEnd = data.indexOf(10, start);
    const end = 'end' in found ? found.end : lineEnd;
    const raw = data.subarray(start, end);
    const text = raw.at(-1) === 13 ? raw.subarray(0, -1) : raw;
    const code = 'code' in found ? found.code : raw.includes(0) ? 'nul_byte' : isUtf8(raw) ? undefined : 'invalid_utf8';
    if (code === 'record_too_long')
      split.faults.push({ line, code, raw: raw.subarray(0, options.maxRecordBytes).toString('latin1') });
    else if (code) split.faults.push({ line, code, raw: text.toString('latin1') });
    else if (text.length > 0) split.records.push({ line, text: text.toString('utf8') });
    line += data.subarray(start, end + 1).filter((byte) => byte === 10).length;
    start = end + 1;
  }
  return split;
}

function recordFrom(data: Buffer, start: number, max: number, delimiter: number): Found {
  if (data.indexOf(10, start) - start > max) return { code: 'record_too_long' };
  let state: State = 'start';
  for (let at = start; at < data.length; at++) {
    const byte = data[at]!;
    if (byte === 10 && state !== 'quoted') return { end: at };
    const next = step(state, byte, delimiter);
    if (next === undefined) return { code: 'broken_quote' };
    state = next;
    if (at - start === max)
      return { code: state === 'quoted' || state === 'after' ? 'broken_quote' : 'record_too_long' };
  }
  return { code: 'broken_quote' };
}

function step(state: State, byte: number, delimiter: number): State | undefined {
  if (state === 'quoted') return byte === 34 ? 'after' : 'quoted';
  if (state === 'afterCr') return undefined;
  if (byte === delimiter) return 'start';
  if (byte === 34) return state === 'bare' ? undefined : 'quoted';
  if (state === 'after') return byte === 13 ? 'afterCr' : undefined;
  return 'bare';
}
