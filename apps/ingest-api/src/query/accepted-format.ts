export type RecordFormat = 'json' | 'csv' | 'ndjson';

const FORMAT_BY_TYPE: ReadonlyMap<string, RecordFormat> = new Map([
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
]);

/** What the caller likes best of what there is, by the `Accept` header; JSON where it names nothing of it. */
export function acceptedFormat(accept: string | undefined): RecordFormat {
  let best: { format: RecordFormat; quality: number } = { format: 'json', quality: 0 };
  for (const part of (accept ?? '').split(',')) {
    const [type, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const format = FORMAT_BY_TYPE.get(type ?? '');
    if (!format) continue;
    const given = parameters.find((text) => text.startsWith('q='));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    if (quality > best.quality) best = { format, quality };
  }
  return best.format;
}
