/**
 * One request over undici's own handlers, without its streams and abort signals: those cost three times what the request does, and some
 * thousand are sent a second. Whatever happens, the promise is settled by the deadline, and of the answer's body no more is kept
 * than may be.
 */
import type { Agent } from 'undici';

export interface OnceRequest {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly method: 'POST' | 'GET' | 'OPTIONS' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface OnceAnswer {
  readonly status: number;
  /** Names in lower case; of several values the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly truncated: boolean;
}

export class Overdue extends Error {
  override readonly name = 'Overdue';
}

/** It was given up before there was a connection for it: the other side has seen nothing of it. */
export class Unsent extends Error {
  override readonly name = 'Unsent';
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

const firstValues = (raw: readonly Buffer[]): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = String(raw[index]).toLowerCase();
    headers[name] ??= (raw[index + 1] as Buffer).toString('latin1');
  }
  return headers;
};

const isSame = (raw: readonly Buffer[], other: readonly Buffer[]): boolean => {
  if (raw.length !== other.length) return false;
  for (let index = 0; index < raw.length; index += 1) {
    if (!(raw[index] as Buffer).equals(other[index] as Buffer)) return false;
  }
  return true;
};

/** Headers of answers. */
export interface HeaderReading {
  /** Names in lower case; of several values the first. What is the same as the last time is the same object. */
  of(raw: readonly Buffer[]): Readonly<Record<string, string>>;
}

/** Headers that came in a larger piece of an answer are not kept for the next: all of the piece would be kept with them. */
const pieceKeptMax = 4_096;

/** For one endpoint: most of what it answers has the headers of its last answer, byte for byte. */
export const createHeaderReading = (): HeaderReading => {
  let last: readonly Buffer[] = [];
  let headers: Readonly<Record<string, string>> = {};
  return {
    of: (raw) => {
      if (last.length > 0 && isSame(raw, last)) return headers;
      const piece = raw[0]?.buffer.byteLength ?? 0;
      last = piece <= pieceKeptMax ? raw : [];
      return (headers = firstValues(raw));
    },
  };
};

const nothing = Buffer.alloc(0);

/**
 * What comes after what is kept is read and dropped up to so much, for so long: a new connection for the next request costs both sides more.
 * Beyond it the connection is cut.
 */
const drainedMax = 128 * 1024;
const drainMs = 500;

/** Nobody is told of it. Made once, since its stack is written out whenever a connection ends with it. */
const enough = new Error('no more of the answer is wanted');

interface Drain {
  /** @returns false: that was too much of it. */
  take(bytes: number): boolean;
  end(): void;
}

const createDrain = (cut: () => void): Drain => {
  let timer: NodeJS.Timeout | undefined;
  let drained = 0;
  return {
    take: (bytes) => {
      timer ??= setTimeout(cut, drainMs);
      drained += bytes;
      if (drained <= drainedMax) return true;
      clearTimeout(timer);
      cut();
      return false;
    },
    end: () => clearTimeout(timer),
  };
};

/** @throws Overdue, the signal's reason, or what the connection failed with; within an Unsent where nothing was written. */
export const sendOnce = (
  agent: Agent,
  request: OnceRequest,
  reading: HeaderReading,
  keptMax: number,
): Promise<OnceAnswer> =>
  new Promise((resolve, reject) => {
    const { origin, path, method, headers, body, deadlineMs, signal } = request;
    let cut: ((error: Error) => void) | null = null;
    let over = false;
    let status = 0;
    let answered: Readonly<Record<string, string>> = {};
    let kept: Buffer[] = [];
    let size = 0;
    const drain = createDrain(() => cut?.(enough));

    const settle = (): boolean => {
      if (over) return false;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      return true;
    };
    const giveUp = (error: Error): void => {
      if (!settle()) return;
      reject(cut === null ? new Unsent(error) : error);
      cut?.(error);
    };
    const aborted = (): void => giveUp(signal?.reason as Error);
    const timer = setTimeout(() => giveUp(new Overdue()), deadlineMs);
    const finish = (truncated: boolean): void => {
      if (!settle()) return;
      const [first = nothing] = kept;
      const whole = kept.length > 1 ? Buffer.concat(kept) : first;
      resolve({ status, headers: answered, body: whole.subarray(0, keptMax), truncated });
      kept = [];
    };
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });

    agent.dispatch(
      { origin, path, method, headers, body },
      {
        onConnect: (abort) => {
          cut = abort;
          if (over) abort(new Overdue());
        },
        onHeaders: (code, raw) => {
          // Those below 200 announce the answer.
          if (code < 200) return true;
          status = code;
          answered = reading.of(raw);
          return true;
        },
        onData: (piece) => {
          if (over) return drain.take(piece.length);
          kept.push(piece);
          size += piece.length;
          if (size <= keptMax) return true;
          finish(true);
          return drain.take(size - keptMax);
        },
        onComplete: () => {
          drain.end();
          finish(false);
        },
        onError: (error) => {
          drain.end();
          if (settle()) reject(error);
        },
      },
    );
  });
