/**
 * A reader of server-sent events as the HTML standard describes it, over fetch: independent of what the product does, so that the
 * two can disagree.
 */
export interface ReadEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
  /** Of this event or the last before it that had one. */
  readonly lastEventId: string;
}

export interface EventReader {
  readonly status: number;
  readonly headers: Headers;
  /** What was refused. */
  readonly problem: Record<string, unknown> | null;
  /** Milliseconds, as the stream last said; null: it did not. */
  readonly retry: () => number | null;
  readonly comments: () => number;
  /** The next event; null at the end of the stream. @throws after `deadlineMs`. */
  next(deadlineMs?: number): Promise<ReadEvent | null>;
  /** So many, or all up to the end. */
  take(count: number): Promise<ReadEvent[]>;
  close(): void;
}

export const openEventReader = async (
  url: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> => {
  const closing = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: closing.signal,
  });
  let retry: number | null = null;
  let comments = 0;
  const problem =
    response.status === 200 ? null : ((await response.json()) as Record<string, unknown>);

  async function* parse(): AsyncGenerator<ReadEvent> {
    if (!response.body) return;
    const decoder = new TextDecoder();
    let rest = '';
    let type = '';
    let data: string[] = [];
    let lastEventId = '';
    for await (const chunk of response.body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      // A carriage return at the end may be the first half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0)
            yield { type: type || 'message', data: data.join('\n'), lastEventId };
          type = '';
          data = [];
          continue;
        }
        if (line.startsWith(':')) {
          comments += 1;
          continue;
        }
        const colon = line.indexOf(':');
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'data') data.push(value);
        else if (field === 'event') type = value;
        else if (field === 'id' && !value.includes('\0')) lastEventId = value;
        else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
      }
    }
  }

  const events = parse();
  const next = async (deadlineMs = 15_000): Promise<ReadEvent | null> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new Error(`no event within ${deadlineMs} ms`);
      timer = setTimeout(() => reject(error), deadlineMs);
    });
    try {
      const { value, done } = await Promise.race([events.next(), late]);
      return done === true ? null : (value as ReadEvent);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    problem,
    retry: () => retry,
    comments: () => comments,
    next,
    take: async (count) => {
      const taken: ReadEvent[] = [];
      while (taken.length < count) {
        const event = await next();
        if (!event) break;
        taken.push(event);
      }
      return taken;
    },
    close: () => closing.abort(),
  };
};
