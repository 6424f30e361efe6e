/**
 * The client of Kopilka's HTTP API: keep-alive connections, a deadline on every request, problems as errors.
 *
 * node:http and not fetch: the importer sends hundreds of requests a second on the same two cores as the server, and fetch takes
 * twice the time of a request of ours.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the root: `/pos/v1/users`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** As JSON; bytes with a `contentType` as they are. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly token?: string | undefined;
  readonly idempotencyKey?: string;
  readonly deadlineMs?: number;
}

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
  /** Of the last fact recorded, for reading one's own writes. */
  readonly position: bigint | null;
}

/** The server said no, as application/problem+json. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly body: Readonly<Record<string, unknown>>,
    /** Seconds to wait before another try; null where none will help. */
    readonly retryAfter: number | null,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

/** No answer came: refused, reset, timed out. What was asked may or may not have been done. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export interface Http {
  readonly url: string;
  /** @throws Problem, NoAnswer */
  send<Body = unknown>(call: Call): Promise<Answer<Body>>;
  close(): void;
}

const deadlineMsDefault = 30_000;
const answerBytesMax = 64_000_000;

export const connectHttp = (url: string, options: { readonly connections?: number } = {}): Http => {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const pool = {
    keepAlive: true,
    maxSockets: options.connections ?? 8,
    scheduling: 'lifo',
  } as const;
  const agent = secure ? new HttpsAgent(pool) : new HttpAgent(pool);
  const open = secure ? httpsRequest : httpRequest;

  const exchange = (call: Call): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const body = bytesOf(call);
      const request = open(new URL(pathOf(base, call)), {
        agent,
        method: call.method,
        headers: headersOf(call, body),
      });
      const deadlineMs = call.deadlineMs ?? deadlineMsDefault;
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${deadlineMs} ms`)),
        deadlineMs,
      );
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(new NoAnswer(`${base.origin}: ${error.message || String(error)}`, { cause: error }));
      };
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > answerBytesMax) request.destroy(new Error('the answer is too large'));
          chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      request.end(body);
    });

  return {
    url: base.origin,
    send: async <Body>(call: Call) => {
      const { status, headers, text } = await exchange(call);
      const body = parsed(text);
      if (status >= 400) throw problemOf(status, body, headers);
      const position = headers['kopilka-position'];
      return {
        status,
        body: body as Body,
        position: typeof position === 'string' ? BigInt(position) : null,
      };
    },
    close: () => agent.destroy(),
  };
};

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const pathOf = (base: URL, { path, query }: Call): string => {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
};

const bytesOf = ({ body }: Call): string | Buffer | undefined => {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return JSON.stringify(body);
};

const headersOf = (call: Call, body: string | Buffer | undefined): Record<string, string> => ({
  accept: 'application/json',
  'user-agent': 'kopilka-cli',
  ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
  ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
  ...(body !== undefined && {
    'content-type': call.contentType ?? 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  }),
});

const parsed = (text: string): unknown => {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const problemOf = (status: number, body: unknown, headers: Reply['headers']): Problem => {
  const told = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof told['code'] === 'string' ? told['code'] : `http-${status}`;
  const faults = faultsOf(told);
  // What to do with a fault is said by the fault; the detail speaks to programs, of the field that holds them.
  const said = code === 'invalid-input' && faults !== '' ? '' : text(told['detail']);
  const detail = sentences(text(told['title']), said, faults);
  const wait = headers['retry-after'];
  const retryAfter = status === 429 || status === 503 ? Number(wait ?? 1) || 1 : null;
  return new Problem(status, code, detail, told, retryAfter);
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The detail of a decision often begins with its title. */
const sentences = (title: string, detail: string, faults: string): string =>
  [detail.startsWith(title) ? '' : `${title}.`, detail, faults].filter(Boolean).join(' ');

const faultsOf = ({ faults }: Record<string, unknown>): string =>
  Array.isArray(faults)
    ? (faults as { in?: string; pointer: string; reason: string }[])
        .map(({ in: part, pointer, reason }) => `${part ?? ''} ${pointer || '/'} ${reason}`.trim())
        .join('; ')
    : '';
