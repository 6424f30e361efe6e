/**
 * A reader of server-sent events: one connection, from its answer to its end. Coming back is its caller's affair (heard.ts), which
 * knows the last place. A connection on which nothing comes, not even a comment, for longer than the server lets pass is dead.
 */
import { NoAnswer, Problem } from '../http/http.js';

export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  readonly id: string | null;
  readonly data: string;
}

export interface StreamRequest {
  readonly url: string;
  readonly token: string;
  /** Sent as Last-Event-ID; null: it is not. */
  readonly lastId: string | null;
  readonly signal: AbortSignal;
  /** Nothing at all for so long: the connection is dead. */
  readonly silenceMs: number;
  /** The server asks to come back no sooner. */
  readonly onRetry: (milliseconds: number) => void;
}

/** @throws Problem where the server says no, NoAnswer where the connection fails or falls silent. */
export async function* openEventStream(request: StreamRequest): AsyncGenerator<ServerEvent> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  request.signal.addEventListener('abort', end, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(end, request.silenceMs);
  };
  try {
    alive();
    const response = await fetch(request.url, {
      headers: {
        accept: 'text/event-stream',
        'user-agent': 'kopilka-cli',
        authorization: `Bearer ${request.token}`,
        ...(request.lastId === null ? {} : { 'last-event-id': request.lastId }),
      },
      signal: ending.signal,
    });
    if (response.status !== 200) throw await problemOf(response);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw new NoAnswer(
        'it answers no stream of events: a gateway in between may not let one pass',
      );
    }
    yield* eventsOf(response.body as AsyncIterable<Uint8Array>, alive, request.onRetry);
  } catch (error) {
    if (request.signal.aborted) return;
    if (error instanceof Problem || error instanceof NoAnswer) throw error;
    const { cause } = error as { cause?: unknown };
    const what = ending.signal.aborted ? `nothing came for ${request.silenceMs / 1_000} s` : '';
    throw new NoAnswer(what || String((cause as Error | undefined)?.message ?? error));
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', end);
    end();
  }
}

/** The lines of the HTML standard, as events; `alive` is called with every piece that comes. */
async function* eventsOf(
  pieces: AsyncIterable<Uint8Array>,
  alive: () => void,
  onRetry: (milliseconds: number) => void,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let type = '';
  let id: string | null = null;
  let data: string[] = [];
  for await (const piece of pieces) {
    alive();
    rest += decoder.decode(piece, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { type: type || 'message', id, data: data.join('\n') };
        type = '';
        data = [];
        continue;
      }
      const { name, value } = fieldOf(line);
      if (name === 'data') data.push(value);
      else if (name === 'event') type = value;
      else if (name === 'id') id = value;
      else if (name === 'retry' && /^\d{1,7}$/.test(value)) onRetry(Number(value));
    }
  }
}

const fieldOf = (line: string): { readonly name: string; readonly value: string } => {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') };
};

const problemOf = async (response: Response): Promise<Problem> => {
  const text = await response.text();
  const told = parsed(text);
  const code = typeof told['code'] === 'string' ? told['code'] : `http-${response.status}`;
  const wait = Number(response.headers.get('retry-after') ?? 1) || 1;
  const again = response.status === 429 || response.status === 503;
  const detail = [told['title'], told['detail']].filter(Boolean).join('. ');
  return new Problem(response.status, code, detail, told, again ? wait : null);
};

const parsed = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
