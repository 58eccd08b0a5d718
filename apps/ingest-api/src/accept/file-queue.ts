import type { BusboyFileStream, BusboyInstance } from '@fastify/busboy';
import { ProblemError } from '@orderstream/contracts';

export interface QueuedFile {
  readonly field: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly stream: BusboyFileStream;
}

const LIMIT_EVENTS = ['partsLimit', 'filesLimit', 'fieldsLimit'] as const;

/** The files a multipart parser has announced, to be taken one by one. */
export class FileQueue {
  private readonly announced: QueuedFile[] = [];
  /** still being received */
  private open: BusboyFileStream | undefined;
  /** ended by the failure */
  private cut: BusboyFileStream | undefined;
  private failure: Error | undefined;
  private isDone = false;
  private wake: () => void = () => undefined;

  constructor(parser: BusboyInstance) {
    parser.on('file', (...announced) => {
      const [field, stream, filename, , contentType] = announced;
      this.announce({ field, stream, filename, contentType });
    });
    parser.on('finish', () => this.end());
    parser.on('error', (error: Error) => this.fail(brokenMultipart(error.message, error)));
    for (const event of LIMIT_EVENTS) parser.on(event, () => this.end(brokenMultipart('it has too many parts')));
  }

  /** Undefined at the end of the body. Throws what is wrong with it, after the files before that. */
  async next(): Promise<QueuedFile | undefined> {
    while (this.announced.length === 0 && !this.isDone) await new Promise<void>((resolve) => (this.wake = resolve));
    const file = this.announced.shift();
    if (!file && this.failure !== undefined) throw this.failure;
    return file;
  }

  /** Its bytes; throws the failure of the body when that cuts the file off. Leaving early leaves the stream as it is. */
  async *read({ stream }: QueuedFile): AsyncGenerator<Buffer> {
    try {
      yield* stream.iterator({ destroyOnReturn: false });
    } catch (error) {
      throw this.failure ?? error;
    }
    if (this.cut === stream && this.failure) throw this.failure;
  }

  /** Reads on to the end of a file without keeping anything. */
  async skip({ stream }: QueuedFile): Promise<void> {
    // After a failure there is no next file.
    if (this.failure === undefined) for await (const _ of stream.iterator({ destroyOnReturn: false })) continue;
  }

  /** Only the first failure is told. The file under way ends with it once what came before is read. */
  fail(failure: Error): void {
    if (this.isDone) return;
    this.cut = this.open;
    this.cut?.push(null);
    this.end(failure);
  }

  /** Ends the body at once: files that were announced and not taken yet are not given any more. */
  refuse(failure: Error): void {
    if (this.isDone) return;
    this.announced.length = 0;
    this.fail(failure);
  }

  private announce(file: QueuedFile): void {
    const { stream } = file;
    // Without a listener an error of a file that nobody reads yet would end the process.
    stream.on('error', () => undefined);
    if (this.failure !== undefined) return void stream.resume();
    this.open = stream;
    // Whether a file was received whole shows nowhere else before it is read.
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk === null && this.open === stream) this.open = undefined;
      return push(chunk, encoding);
    };
    this.announced.push(file);
    this.wake();
  }

  /** No further file. Those that were announced are whole, or `cut`. */
  private end(failure?: Error): void {
    if (this.isDone) return;
    this.failure = failure;
    this.isDone = true;
    this.wake();
  }
}

export const brokenMultipart = (what: string, cause?: unknown): ProblemError =>
  new ProblemError('broken_multipart', `The multipart body is broken: ${what}. Send it again.`, { cause });
