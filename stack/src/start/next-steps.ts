import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Addresses {
  /** http://host:port of the API */
  readonly api: string;
  /** http://host:port of the sink's health and metrics */
  readonly sink: string;
  readonly logsDir: string;
}

const SAMPLE = 'samples/olist-orders.csv';

/** Where everything is and what to try first, for the terminal. */
export function nextSteps({ api, sink, logsDir }: Addresses, repoRoot: string): string {
  const sample = join(repoRoot, SAMPLE);
  const id = (existsSync(sample) && firstOrderId(readFileSync(sample, 'utf8'))) || '<order_id>';
  return `
  API       ${api}        documentation  ${api}/docs
  Health    ${api}/health        ${sink}/health
  Metrics   ${api}/metrics        ${sink}/metrics
  Logs      ${logsDir}

Upload a file, look an order up, make 50 orders a second:
  curl -sS -H 'content-type: text/csv' --data-binary @${SAMPLE} '${api}/ingest?wait=stored'
  curl -sS ${api}/orders/${id}
  curl -sS '${api}/generate?rate=50'

Ctrl-C stops everything; the data stays.`;
}

/** The `order_id` of the first row. Sample files of ours have no commas or line breaks in their cells. */
export function firstOrderId(csv: string): string | undefined {
  const [header = '', row = ''] = csv.split(/\r?\n/, 2);
  const cells = (line: string) =>
    line
      .replace(/^\uFEFF/, '')
      .split(',')
      .map((cell) => cell.replaceAll('"', '').trim());
  return cells(row)[cells(header).indexOf('order_id')] || undefined;
}
