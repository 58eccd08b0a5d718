import type { StreamRegistry } from '@orderstream/streams';
import type { BodyLimits } from './body-decoding.js';
import type { DryRun } from './dry-run.js';
import type { DryRunReport } from './dry-run-report.js';
import { bodyToOpen, type IngestRequest } from './ingest-request.js';
import { isMultipart } from './media-type.js';
import { filesOf, refusedFile, type RefusedFile } from './multipart-files.js';

/** Publishes nothing; a file that is refused costs the others nothing here either. */
export async function examineBody(
  request: IngestRequest,
  dryRun: DryRun,
  opening: { readonly registry: StreamRegistry; readonly limits: BodyLimits },
): Promise<unknown> {
  const { maxRejects } = request.query;
  if (!isMultipart(request.contentType))
    return dryRun.examine(bodyToOpen(request, opening), { name: 'body', isFile: false, maxRejects });
  const items: (DryRunReport | RefusedFile)[] = [];
  const { files, warnings } = filesOf(request, opening.limits);
  for await (const { filename, field, contentType, stream } of files) {
    const name = filename ?? field;
    const toOpen = bodyToOpen(request, opening, { body: stream, contentType, fileName: name });
    const report = dryRun.examine(toOpen, { name, isFile: true, maxRejects });
    items.push(await report.catch((error: unknown) => refusedFile(name, error)));
  }
  return { items, next: null, warnings };
}
