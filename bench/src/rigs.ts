import type { RawIngestSettings } from '../rigs/raw-ingest.ts';
import type { RawSinkSettings } from '../rigs/raw-sink.ts';
import { rigFile } from './paths.ts';
import { Subject } from './subject.ts';

export function startRawSink(name: string, settings: RawSinkSettings): Promise<Subject> {
  return Subject.start({ name, file: rigFile('raw-sink'), args: [JSON.stringify(settings)] });
}

export function startRawIngest(name: string, settings: RawIngestSettings): Promise<Subject> {
  return Subject.start({ name, file: rigFile('raw-ingest'), args: [JSON.stringify(settings)] });
}
