import type { JobView, Page, Problem } from '@orderstream/contracts';
import { eventually } from './eventually.js';

/** What `fetch` takes as a body. */
export type RequestBody = NonNullable<RequestInit['body']>;

export interface JsonAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** One dead letter as the API lists it. */
export interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly stage: string;
  readonly code: string;
  readonly column: string | null;
  readonly state: string;
  readonly reason: string;
  readonly attempt: number;
  readonly row: number | null;
  readonly discardReason: string | null;
}

export interface LetterDetail extends Letter {
  readonly key: string | null;
  readonly value: string | null;
  readonly valueBase64: string | null;
  readonly record: unknown;
  readonly headers: Readonly<Record<string, string | null>>;
}

export interface LetterGroup {
  readonly fingerprint: string;
  readonly code: string;
  readonly stage: string;
  readonly count: number;
}

/** The HTTP API as its callers use it. */
export class ApiClient {
  /** `timeoutMs`: an upload that is not answered by then rejects. Default: it is waited for */
  constructor(
    readonly url: string,
    private readonly timeoutMs?: number,
  ) {}

  async get<T>(path: string): Promise<JsonAnswer<T>> {
    return answerOf<T>(await fetch(this.url + path));
  }

  /** `POST /ingest`; the body of the answer is whatever came. */
  async post<T>(
    body: RequestBody,
    query = '',
    type = 'text/csv',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<JsonAnswer<T>> {
    const signal = this.timeoutMs === undefined ? undefined : AbortSignal.timeout(this.timeoutMs);
    const init = { method: 'POST', body, headers: { 'content-type': type, ...headers }, duplex: 'half', signal };
    return answerOf<T>(await fetch(`${this.url}/ingest${query}`, init as RequestInit));
  }

  /** A command whose body is one JSON object. */
  async command<T>(path: string, body: object): Promise<JsonAnswer<T>> {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return answerOf<T>(await fetch(this.url + path, init));
  }

  /** An upload that must be taken: its job. Throws with the problem otherwise. */
  async upload(body: RequestBody, query = '', type = 'text/csv'): Promise<JobView> {
    const { status, body: answer } = await this.post<JobView | Problem>(body, query, type);
    if (status === 200 || status === 202) return answer as JobView;
    throw new Error(`the upload was answered with ${status}: ${JSON.stringify(answer)}`);
  }

  async job(id: string): Promise<JobView> {
    const { status, body } = await this.get<JobView>(`/jobs/${id}`);
    if (status !== 200) throw new Error(`job ${id} was answered with ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** The job once nothing of it is pending any more. */
  settled(id: string, timeoutMs = 120_000): Promise<JobView> {
    const look = async (): Promise<JobView | undefined> => {
      const job = await this.job(id);
      return job.settledAt === null ? undefined : job;
    };
    return eventually(look, { timeoutMs, everyMs: 100, what: `job ${id} settled` });
  }

  /** Open dead letters by cause. Throws when the API does not say. */
  async letterGroups(): Promise<{ open: number; items: LetterGroup[] }> {
    const { status, body } = await this.get<{ open: number; items: LetterGroup[] }>('/dead-letters');
    if (status !== 200) throw new Error(`the dead letters were answered with ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Every open letter, through the groups. */
  async letters(): Promise<Letter[]> {
    const { items } = await this.letterGroups();
    const pages = await Promise.all(
      items.map(({ fingerprint }) => this.get<Page<Letter>>(`/dead-letters?group=${fingerprint}&limit=1000`)),
    );
    return pages.flatMap(({ body }) => body.items);
  }

  async letter(id: string): Promise<JsonAnswer<LetterDetail>> {
    return this.get<LetterDetail>(`/dead-letters/${encodeURIComponent(id)}`);
  }
}

async function answerOf<T>(response: Response): Promise<JsonAnswer<T>> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}
